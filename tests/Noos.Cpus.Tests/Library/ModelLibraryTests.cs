using Noos.Core;
using Noos.Core.Settings;
using Noos.Cpus.Library;
using Noos.Testing;
using Noos.Testing.RandomModels;

namespace Noos.Cpus.Tests.Library;

public sealed class ModelLibraryTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    [Fact]
    public void Library_looks_into_the_folders_of_its_options_alone()
    {
        var (first, second) = (Write("a/Same.gguf"), Write("b/Same.gguf"));
        var pulled = Write("pulled/owner/repo/M-Q4_K_M.gguf");
        var library = Open();

        Assert.Equal(["Same", "Same", "owner/repo:Q4_K_M"], library.List().Select(model => model.Name));
        Assert.Equal(["Same", "Same", "owner/repo"], library.List().Select(model => model.Id));
        Assert.Equal(first, library.Resolve("same.gguf"));
        Assert.Equal(pulled, library.Resolve("repo"));
        Assert.Equal(second, library.Resolve(second));
    }

    [Fact]
    public void Model_that_lies_in_two_folders_is_one_where_none_is_named()
    {
        Write("a/Same.gguf");
        Write("b/Same.gguf");

        // It is found, and then read: what was written here is no model.
        var error = Assert.Throws<NoosException>(() => ModelSource.OpenCpu(new NoosOptions { Library = Options() }));
        Assert.Contains(_folder.File("a/Same.gguf"), error.Message, StringComparison.Ordinal);

        Write("b/Other.gguf");
        error = Assert.Throws<NoosException>(() => ModelSource.OpenCpu(new NoosOptions { Library = Options() }));
        Assert.Contains("several models", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("Other, Same.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Encoder_beside_the_only_assistant_leaves_no_choice()
    {
        using var bert = new BertFolder();
        using var tiny = new TinyModel();
        Directory.CreateDirectory(_folder.File("a"));
        bert.Convert(_folder.File("a/Bert.gguf"), "f32", TestContext.Current.CancellationToken);
        File.Copy(tiny.Path, _folder.File("a/Tiny.gguf"));

        await using var usual = ModelSource.OpenCpu(new NoosOptions { Library = Options() });
        await using var named = ModelSource.OpenCpu(new NoosOptions { Library = Options(), Model = "bert" });

        Assert.Equal(("Tiny", false, "Bert", true), (usual.Info.Name, usual.Info.IsEncoder, named.Info.Name, named.Info.IsEncoder));
    }

    [Fact]
    public void Failures_have_the_kind_that_programs_go_by()
    {
        Write("a/Same.gguf");
        Write("pulled/owner/repo/M-Q2_K.gguf");
        Write("pulled/owner/repo/M-Q3_K_M.gguf");
        Write("pulled/owner/half/M-Q4_K_M.gguf.part");
        var library = Open();

        Assert.Equal(ErrorKind.NotFound, KindOf(() => library.Resolve("none")));
        Assert.Equal(ErrorKind.NotFound, KindOf(() => library.Resolve("owner/half")));
        Assert.Equal(ErrorKind.Invalid, KindOf(() => library.Resolve("owner/repo")));
        Assert.Equal(ErrorKind.NotFound, KindOf(() => PulledModelRemoval.Find(library, "none")));
        Assert.Equal(ErrorKind.Refused, KindOf(() => PulledModelRemoval.Find(library, "same")));
        Assert.Equal(ErrorKind.Invalid, KindOf(() => PulledModelRemoval.Find(library, "owner/repo")));
    }

    [Fact]
    public void Settings_of_the_user_decide_the_folders()
    {
        var settings = new NoosSettings { UserData = new UserData(_folder.Path), OllamaFolder = _folder.File("ollama") };

        var options = ModelLibraryOptions.From(settings);

        Assert.Equal(_folder.File("models"), options.PullFolder);
        Assert.Equal(_folder.File("models"), options.Folders[^1]);
        Assert.Equal([_folder.File("ollama")], options.OllamaFolders);
    }

    public void Dispose() => _folder.Dispose();

    ModelLibrary Open() => new(Options());

    ModelLibraryOptions Options() => new()
    {
        Folders = [_folder.File("a"), _folder.File("b"), _folder.File("none")],
        PullFolder = _folder.File("pulled"),
    };

    string Write(string name)
    {
        var path = _folder.File(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "GGUF");
        return path;
    }

    static ErrorKind KindOf(Action action) => Assert.Throws<NoosException>(action).Kind;
}
