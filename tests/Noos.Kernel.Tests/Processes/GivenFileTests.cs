using Noos.Core;
using Noos.Kernel.Processes;
using Noos.Testing;

namespace Noos.Kernel.Tests.Processes;

public sealed class GivenFileTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("report.pdf", "report.pdf")]
    [InlineData("../../etc/passwd", "passwd")]
    [InlineData("C:\\Users\\me\\a.txt", "a.txt")]
    [InlineData(".hidden", "hidden")]
    [InlineData("a\nb\u202Etxt.exe", "a_b_txt.exe")]
    [InlineData("a<b>|?.csv", "a_b___.csv")]
    [InlineData("..", "file")]
    [InlineData("", "file")]
    [InlineData("Gr\u00FC\u00DFe \u4F60.md", "Gr\u00FC\u00DFe \u4F60.md")]
    public void Name_cannot_lead_out_of_the_folder(string name, string expected) => Assert.Equal(expected, GivenFiles.CleanName(name));

    [Fact]
    public void Long_name_keeps_its_ending() =>
        Assert.EndsWith("x.csv", GivenFiles.CleanName(new string('x', 500) + ".csv"), StringComparison.Ordinal);

    [Fact]
    public async Task File_appears_whole_or_not_at_all()
    {
        var folder = _folder.File("files");

        var refused = await Assert.ThrowsAsync<NoosException>(
            () => GivenFiles.StoreAsync(folder, "a.txt", new MemoryStream(new byte[100]), maxLength: 99, Token));
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => GivenFiles.StoreAsync(folder, "a.txt", new BrokenStream(), cancellationToken: Token));

        Assert.Equal(ErrorKind.Refused, refused.Kind);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
    }

    [Fact]
    public async Task Equal_names_stay_apart()
    {
        for (var number = 0; number < 3; number++)
        {
            await GivenFiles.StoreAsync(_folder.Path, "a.txt", new MemoryStream([(byte)number]), cancellationToken: Token);
        }

        Assert.Equal(["a (2).txt", "a (3).txt", "a.txt"], GivenFiles.List(_folder.Path).Select(file => file.Name));
    }

    sealed class BrokenStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new InvalidOperationException("broken");
    }
}
