#pragma once

#include <string>
#include <string_view>

namespace nodenap {

// What the command writes names pods and instances: its owner alone may read it, also where an
// older version or another program made the file.

/// Replaces the whole file. False where it could not be written, or would stay readable by others.
/// A device or a pipe keeps its mode.
bool write_own_file(const std::string& path, std::string_view text);

/// The same for a database, and for the files beside it. Where they are another user's, that user
/// says who reads them.
void keep_to_owner(const std::string& database);

}  // namespace nodenap
