using Noos.Core;
using Noos.Peripherals.Ear;
using Noos.Testing;
using Noos.Testing.RandomModels;

namespace Noos.Peripherals.Tests.Ear;

/// <summary>One setting chooses the ear; whoever has none is told how to get one.</summary>
public sealed class EarLibraryTests : IDisposable
{
    readonly TemporaryFolder _folder = new();
    readonly RandomWhisperFile _file = new();

    public void Dispose()
    {
        _folder.Dispose();
        _file.Dispose();
    }

    [Theory]
    [InlineData("base.en-q5_1", "base.en-q5_1")]
    [InlineData("BASE.EN", "base.en-q5_1")]
    [InlineData("ggml-tiny.bin", "tiny")]
    [InlineData("whisper-tiny", "tiny")]
    [InlineData("tiny", "tiny")]
    [InlineData(null, "base.en-q5_1")]
    public void Name_is_found_in_folders_and_below_them(string? name, string expected)
    {
        Put("ggml-tiny.bin");
        Put(Path.Combine("ggerganov", "whisper.cpp", "ggml-base.en-q5_1.bin"), longer: true);
        File.WriteAllText(_folder.File("ggml-text.bin"), "no model at all");
        var library = new EarLibrary([_folder.File("missing"), _folder.Path]);

        Assert.Equal(expected, EarLibrary.NameOf(library.Resolve(name)));
        Assert.Equal(["base.en-q5_1", "tiny"], library.List().Select(EarLibrary.NameOf).Order());
    }

    [Fact]
    public void Path_is_an_ear_or_refused()
    {
        var library = new EarLibrary([]);
        File.WriteAllText(_folder.File("ggml-text.bin"), "no model at all");

        Assert.Equal(_file.Path, library.Resolve(_file.Path));
        Assert.Equal(ErrorKind.Invalid, Refusal(_folder.File("ggml-text.bin")).Kind);
        Assert.Equal(ErrorKind.NotFound, Refusal(_folder.File("ggml-none.bin")).Kind);

        NoosException Refusal(string path) => Assert.Throws<NoosException>(() => library.Resolve(path));
    }

    [Fact]
    public async Task Without_an_ear_the_way_to_one_is_said()
    {
        using var ears = new EarSource(new EarOptions { Folders = [_folder.Path] });

        var refusal = await Assert.ThrowsAsync<NoosException>(() => ears.OpenAsync(TestContext.Current.CancellationToken));

        Assert.Equal(ErrorKind.NotFound, refusal.Kind);
        Assert.Contains("noos pull", refusal.Message);
        Put("ggml-tiny.bin");
        Assert.Contains("but tiny;", Assert.Throws<NoosException>(() => new EarLibrary([_folder.Path]).Resolve("large")).Message);
        Assert.Equal("whisper-tiny", (await ears.OpenAsync(TestContext.Current.CancellationToken)).Name);
    }

    void Put(string name, bool longer = false)
    {
        var path = _folder.File(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Copy(_file.Path, path);
        if (longer)
        {
            using var stream = File.Open(path, FileMode.Append);
            stream.WriteByte(0);
        }
    }
}
