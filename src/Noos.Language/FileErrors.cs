using Noos.Core;

namespace Noos.Language;

/// <summary>The kind of a failure to open or read a local file.</summary>
static class FileErrors
{
    public static ErrorKind KindOf(Exception exception) => exception switch
    {
        FileNotFoundException or DirectoryNotFoundException => ErrorKind.NotFound,
        UnauthorizedAccessException => ErrorKind.Refused,

        // .NET throws it for paths that name no file, such as a device.
        NotSupportedException => ErrorKind.Invalid,

        // A disk or network folder that fails now may answer later.
        _ => ErrorKind.Unavailable,
    };
}
