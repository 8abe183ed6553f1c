#pragma once

namespace nodenap {

/// The code of an Error: no credentials were found, so nothing was asked of AWS.
inline constexpr const char* no_credentials = "NoCredentials";

/// The account has no service-linked role for spot, and the function may not create it.
inline constexpr const char* no_spot_role = "AuthFailure.ServiceLinkedRoleCreationNotPermitted";

/// EC2 does not know the instance: long gone, or so new that this answer is behind.
inline constexpr const char* no_such_instance = "InvalidInstanceID.NotFound";

}  // namespace nodenap
