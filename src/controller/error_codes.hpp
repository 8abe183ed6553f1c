#pragma once

namespace nodenap {

/// The code of an Error: no credentials were found, so AWS was not called.
inline constexpr const char* no_credentials = "NoCredentials";

/// The account has no service-linked role for spot, and the function may not create it.
inline constexpr const char* no_spot_role = "AuthFailure.ServiceLinkedRoleCreationNotPermitted";

/// EC2 does not know the instance: it terminated long ago, or is so new that EC2 does not list it
/// yet.
inline constexpr const char* no_such_instance = "InvalidInstanceID.NotFound";

}  // namespace nodenap
