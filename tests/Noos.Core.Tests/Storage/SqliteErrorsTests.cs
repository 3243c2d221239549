using Noos.Core.Storage;

namespace Noos.Core.Tests.Storage;

public sealed class SqliteErrorsTests
{
    const int InputOutput = 10;
    const int Full = 13;

    static readonly SqliteErrors s_errors = new("journal", "move it away and start again");

    [Fact]
    public void Full_disk_is_told_as_such_also_where_SQLite_says_input_and_output()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "A file system without room is at hand on Linux alone.");

        // The file system of the kernel's settings never has room.
        foreach (var code in (int[])[Full, InputOutput])
        {
            var error = s_errors.From(code, new IOException("disk I/O error"), "/sys/noos.db");

            Assert.Equal(ErrorKind.OutOfMemory, error.Kind);
            Assert.Equal(
                "The disk with the journal '/sys/noos.db' is full; make room, then try again: nothing that was acknowledged is lost.",
                error.Message);
        }
    }

    [Fact]
    public void Disk_with_room_that_fails_is_not_called_full()
    {
        var path = Path.Combine(Path.GetTempPath(), "noos.db");

        var error = s_errors.From(InputOutput, new IOException("disk I/O error."), path);

        Assert.Equal(ErrorKind.Unavailable, error.Kind);
        Assert.Equal($"The disk with the journal '{path}' does not answer as it should: disk I/O error.", error.Message);
    }
}
