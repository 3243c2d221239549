namespace Noos.Tools.Code.Sandboxing;

/// <summary>Numbers of Linux system calls on x86-64 (<c>asm/unistd_64.h</c>), and the constants that go with them.</summary>
static class Syscall
{
    public const int Clone = 56;
    public const int Execve = 59;
    public const int Chdir = 80;
    public const int Chmod = 90;
    public const int Fchmod = 91;
    public const int Umask = 95;
    public const int SetSession = 112;
    public const int SetGroups = 116;
    public const int SetRealUser = 117;
    public const int SetRealGroup = 119;
    public const int Prctl = 157;
    public const int Mount = 165;
    public const int OpenAt = 257;
    public const int Unshare = 272;
    public const int ProcessLimit = 302;
    public const int Seccomp = 317;
    public const int OpenAt2 = 437;
    public const int CloseRange = 436;
    public const int Clone3 = 435;
    public const int LandlockCreateRuleset = 444;
    public const int LandlockAddRule = 445;
    public const int LandlockRestrictSelf = 446;

    /// <summary>PR_SET_PDEATHSIG.</summary>
    public const int SetParentDeathSignal = 1;

    /// <summary>PR_SET_NO_NEW_PRIVS.</summary>
    public const int SetNoNewPrivileges = 38;

    public const int Kill = 9;

    /// <summary>O_PATH | O_CLOEXEC | O_NOFOLLOW is left out on purpose: /bin is a link on most systems.</summary>
    public const int OpenPath = 0x200000 | 0x80000;

    public const int AtCurrentFolder = -100;
}
