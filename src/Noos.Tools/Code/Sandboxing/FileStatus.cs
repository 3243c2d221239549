namespace Noos.Tools.Code.Sandboxing;

/// <summary>What stat(2) says of a file.</summary>
/// <param name="Mode">Its kind and permissions.</param>
/// <param name="Length">In bytes.</param>
/// <param name="Links">Under how many names it exists.</param>
/// <param name="Owner">The user.</param>
/// <param name="Changed">When its content was changed last, in nanoseconds since 1970.</param>
readonly record struct FileStatus(int Mode, long Length, int Links, int Owner, long Changed)
{
    const int KindMask = 0xf000;
    const int Regular = 0x8000;
    const int Folder = 0x4000;

    public bool IsRegular => IsRegularMode(Mode);

    public bool IsFolder => (Mode & KindMask) == Folder;

    public static bool IsRegularMode(int mode) => (mode & KindMask) == Regular;
}
