#pragma once

#include <string>
#include <string_view>

namespace nodenap {

// The command's files name pods and instances, so only their owner may read them, even if an older
// version or another program created the file.

/// Replaces the whole file. False if it could not be written or would remain readable by others.
/// Devices and pipes keep their mode.
bool write_own_file(const std::string& path, std::string_view text);

/// The same for a database and the files next to it. Files of another user are left unchanged.
void keep_to_owner(const std::string& database);

}  // namespace nodenap
