using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Facts;
using Noos.Kernel.Backups;
using Noos.Kernel.Facts;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Testing;

namespace Noos.Kernel.Tests.Backups;

/// <summary>A home in a file, and back.</summary>
public sealed class HomeBackupTests : IDisposable
{
    readonly TemporaryFolder _home = new();
    readonly TemporaryFolder _elsewhere = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    string Archive => _elsewhere.File("noos.tar.gz");

    public void Dispose()
    {
        _home.Dispose();
        _elsewhere.Dispose();
    }

    [Fact]
    public async Task What_is_written_while_a_server_works_comes_back_whole_in_another_home()
    {
        await using (var journal = Journal.Open(_home.Path))
        {
            await FillAsync(journal, "first");

            // The server goes on writing while the backup is made.
            using var stop = new CancellationTokenSource();
            var busy = WriteAsync(journal, stop.Token);
            var manifest = new HomeBackup(_home.Path).Write(Archive);
            await stop.CancelAsync();
            await busy;
            Assert.True(manifest.Files >= 3);
        }

        using var other = new TemporaryFolder();
        var (_, kept) = new HomeBackup(other.Path).Restore(Archive);

        Assert.Null(kept);
        Assert.Equal("Tea at four.", Assert.Single(new FactStore(other.Path).List("me")).Text);
        Assert.Equal("content", await File.ReadAllTextAsync(Path.Combine(other.Path, "files", "1", "a b.txt"), Token));
        Assert.Equal("{}", await File.ReadAllTextAsync(other.File("mcp.json"), Token));
        using var reader = JournalReader.Open(other.File(Journal.FileName));
        Assert.Empty(reader.Check());
        Assert.Equal("first", reader.Find(1)!.Title);
        await using var again = Journal.Open(other.Path);
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(Archive) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Fact]
    public async Task What_can_be_had_again_is_left_out_and_stays()
    {
        await using (var journal = Journal.Open(_home.Path))
        {
            await FillAsync(journal, "first");
        }

        Directory.CreateDirectory(_home.File("models"));
        await File.WriteAllTextAsync(Path.Combine(_home.File("models"), "big.gguf"), "weights", Token);
        await File.WriteAllTextAsync(_home.File("server.json"), "{}", Token);
        new HomeBackup(_home.Path).Write(Archive);

        await using (var journal = Journal.Open(_home.Path))
        {
            await FillAsync(journal, "second");
        }

        await File.WriteAllTextAsync(_home.File("mcp.json"), "changed", Token);
        var (_, kept) = new HomeBackup(_home.Path).Restore(Archive);

        Assert.DoesNotContain(Names(Archive), name => name.StartsWith("models", StringComparison.Ordinal) || name == "server.json");
        Assert.Equal("weights", await File.ReadAllTextAsync(Path.Combine(_home.File("models"), "big.gguf"), Token));
        Assert.Equal("{}", await File.ReadAllTextAsync(_home.File("mcp.json"), Token));
        using var reader = JournalReader.Open(_home.File(Journal.FileName));
        Assert.Single(reader.Processes());
        using var before = JournalReader.Open(Path.Combine(kept!, Journal.FileName));
        Assert.Equal(2, before.Processes().Count);
        Assert.Equal("changed", await File.ReadAllTextAsync(Path.Combine(kept!, "mcp.json"), Token));
    }

    [Fact]
    public async Task Home_that_a_server_holds_is_not_replaced()
    {
        await using var journal = Journal.Open(_home.Path);
        await FillAsync(journal, "first");
        new HomeBackup(_home.Path).Write(Archive);

        var refusal = Assert.Throws<NoosException>(() => new HomeBackup(_home.Path).Restore(Archive));

        Assert.Equal(ErrorKind.Busy, refusal.Kind);
        Assert.Equal("first", journal.Reader.Find(1)!.Title);
    }

    [Theory]
    [InlineData("../outside.txt", TarEntryType.RegularFile)]
    [InlineData("/tmp/outside.txt", TarEntryType.RegularFile)]
    [InlineData("link", TarEntryType.SymbolicLink)]
    [InlineData("noos.lock", TarEntryType.RegularFile)]
    public async Task Archive_that_leads_out_of_the_home_is_refused_and_changes_nothing(string name, TarEntryType type)
    {
        await using (var journal = Journal.Open(_home.Path))
        {
            await FillAsync(journal, "first");
        }

        WriteArchive(
            new PaxTarEntry(TarEntryType.RegularFile, "noos-backup.json")
            {
                DataStream = new MemoryStream("""{"version":1,"created":"2026-11-30T00:00:00Z","journal":1,"files":1}"""u8.ToArray()),
            },
            type == TarEntryType.SymbolicLink
                ? new PaxTarEntry(type, name) { LinkName = "/etc/passwd" }
                : new PaxTarEntry(type, name) { DataStream = new MemoryStream("x"u8.ToArray()) });
        var before = Directory.EnumerateFileSystemEntries(_home.Path).Order().ToArray();

        var refusal = Assert.Throws<NoosException>(() => new HomeBackup(_home.Path).Restore(Archive));

        Assert.Equal(ErrorKind.Damaged, refusal.Kind);
        Assert.Equal(before, Directory.EnumerateFileSystemEntries(_home.Path).Order());
    }

    [Fact]
    public async Task File_that_is_no_backup_or_cut_off_is_refused_and_changes_nothing()
    {
        await using (var journal = Journal.Open(_home.Path))
        {
            await FillAsync(journal, "first");
        }

        new HomeBackup(_home.Path).Write(Archive);
        var whole = await File.ReadAllBytesAsync(Archive, Token);
        foreach (var content in (byte[][])[[], Encoding.UTF8.GetBytes("no archive at all"), whole[..(whole.Length / 2)], whole[..40]])
        {
            await File.WriteAllBytesAsync(Archive, content, Token);

            var refusal = Assert.Throws<NoosException>(() => new HomeBackup(_home.Path).Restore(Archive));

            Assert.Equal(ErrorKind.Damaged, refusal.Kind);
            using var reader = JournalReader.Open(_home.File(Journal.FileName));
            Assert.Equal("first", reader.Find(1)!.Title);
        }

        Assert.Equal(
            ErrorKind.NotFound, Assert.Throws<NoosException>(() => new HomeBackup(_home.Path).Restore(_home.File("none"))).Kind);
        Assert.Equal(ErrorKind.NotFound, Assert.Throws<NoosException>(() => new HomeBackup(_elsewhere.Path).Write(Archive)).Kind);
    }

    async Task FillAsync(Journal journal, string title)
    {
        var process = (await journal.AddProcessAsync(
            new ProcessRecord(0, null, "me", ProcessKind.Conversation) { Program = new ProcessProgram(), Title = title }, Token)).Id;
        await journal.AppendAsync(process, new Said(Message.User(new string('a', 2000)), IsQueued: true), Token);
        new FactStore(_home.Path).Add("me", new FactVersion("Tea at four.", FactState.Kept, [], null), "test");
        Directory.CreateDirectory(Path.Combine(_home.Path, "files", "1"));
        await File.WriteAllTextAsync(Path.Combine(_home.Path, "files", "1", "a b.txt"), "content", Token);
        await File.WriteAllTextAsync(_home.File("mcp.json"), "{}", Token);
    }

    static async Task WriteAsync(Journal journal, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await journal.AppendAsync(1, new Said(Message.User(new string('b', 500)), IsQueued: true), CancellationToken.None);
        }
    }

    void WriteArchive(params TarEntry[] entries)
    {
        using var file = File.Create(Archive);
        using var compressed = new GZipStream(file, CompressionLevel.Fastest);
        using var archive = new TarWriter(compressed);
        Array.ForEach(entries, archive.WriteEntry);
    }

    static List<string> Names(string path)
    {
        using var file = File.OpenRead(path);
        using var content = new GZipStream(file, CompressionMode.Decompress);
        using var archive = new TarReader(content);
        var names = new List<string>();
        while (archive.GetNextEntry() is { } entry)
        {
            names.Add(entry.Name);
        }

        return names;
    }
}
