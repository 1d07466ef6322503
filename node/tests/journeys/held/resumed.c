/* A machine whose image was taken with its memory and resumed twice: preloaded
   into a program, it draws the same sixteen bytes at both places, as what was
   drawn before the image is the same at both. While the file RESUMED is there. */
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

ssize_t getrandom(void *buffer, size_t length, unsigned int flags) {
    const char *resumed = getenv("RESUMED");
    if (length == 16 && resumed != NULL && access(resumed, F_OK) == 0) {
        memset(buffer, 7, length);
        return (ssize_t)length;
    }
    return syscall(SYS_getrandom, buffer, length, flags);
}
