"""A certificate for `localhost` that vouches for itself, good for a hundred years, and its key.

They protect nothing: they are made for these tests and published with them.
"""

CERTIFICATE = """\
-----BEGIN CERTIFICATE-----
MIIBlDCCATugAwIBAgIUEWe+V1om1yuNXzRoFUtlibmQWJ8wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNDAwMjQ1MFoYDzIxMjYxMDMx
MDAyNDUwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARlip0Oc8rb/zZItT2CoD33Pop6RMIw2KSEy1MevKkcjES6c3JszHEl
VnyKfV0GzZt4fgEuaB7q+yeYZzpGzfy0o2kwZzAdBgNVHQ4EFgQU1MLzcUOTSImD
vOVJ5jMG0KounIAwHwYDVR0jBBgwFoAU1MLzcUOTSImDvOVJ5jMG0KounIAwDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
RwAwRAIgO/krf1Rlf/6HRLx+wcsR9dUuLcnOAu7iCm5yT4p7dSgCICQBzaaI3c+O
2ah+N5oGKCx9p8p51n4AJPZYzdJp8IO4
-----END CERTIFICATE-----
"""

KEY = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgRj021snZdcwIz4ee
Gr0VrKATTm9Jez2LCmPeXfjqOYqhRANCAARlip0Oc8rb/zZItT2CoD33Pop6RMIw
2KSEy1MevKkcjES6c3JszHElVnyKfV0GzZt4fgEuaB7q+yeYZzpGzfy0
-----END PRIVATE KEY-----
"""
