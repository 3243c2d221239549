using System.IO.Compression;
using Noos.Core;
using Noos.Training.Torch;

namespace Noos.Training.Tests.Torch;

/// <summary>The download on demand, with a NuGet source that is a folder, and a package of a few bytes.</summary>
public sealed class LibtorchPackageTests : IDisposable
{
    const string Name = "noos-native-sample";
    const string Version = "1.2.3";

    readonly string _folder = Directory.CreateTempSubdirectory("noos-package-").FullName;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Missing_package_is_restored_once_and_then_found()
    {
        var source = WriteSource(withPackage: true);
        var package = new LibtorchPackage(Name, Version, 1000, [In("packages")]) { Source = source };
        var found = package.FindLibraries();

        await package.EnsureAsync(progress: null, TimeProvider.System, Token);
        Directory.Delete(source, recursive: true);
        await package.EnsureAsync(progress: null, TimeProvider.System, Token);

        Assert.Null(found);
        Assert.Equal("library", await File.ReadAllTextAsync(Path.Combine(package.FindLibraries()!, "libsample.so"), Token));
    }

    [Fact]
    public async Task Package_that_no_source_has_is_unavailable_in_one_sentence()
    {
        var package = new LibtorchPackage(Name, Version, 1000, [In("packages")]) { Source = WriteSource(withPackage: false) };

        var failure = await Assert.ThrowsAsync<NoosException>(() => package.EnsureAsync(new Silence(), TimeProvider.System, Token));

        Assert.Equal(ErrorKind.Unavailable, failure.Kind);
        Assert.Contains("go online", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Message);
        Assert.Null(package.FindLibraries());
    }

    [Fact]
    public void Package_of_this_build_is_there_for_the_tests() =>
        Assert.True(File.Exists(Path.Combine(LibtorchPackage.Default.FindLibraries()!, "libtorch.so")));

    string In(string name) => Path.Combine(_folder, name);

    string WriteSource(bool withPackage)
    {
        var source = Directory.CreateDirectory(In("source")).FullName;
        if (withPackage)
        {
            using var archive = ZipFile.Open(Path.Combine(source, $"{Name}.{Version}.nupkg"), ZipArchiveMode.Create);
            Add(archive, $"{Name}.nuspec", $"""
                <?xml version="1.0" encoding="utf-8"?>
                <package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
                  <metadata>
                    <id>{Name}</id><version>{Version}</version><authors>Noos</authors><description>A sample.</description>
                  </metadata>
                </package>
                """);
            Add(archive, "runtimes/linux-x64/native/libsample.so", "library");
        }

        return source;
    }

    static void Add(ZipArchive archive, string name, string content)
    {
        using var writer = new StreamWriter(archive.CreateEntry(name).Open());
        writer.Write(content);
    }

    sealed class Silence : IProgress<LibtorchProgress>
    {
        public void Report(LibtorchProgress value)
        {
        }
    }
}
