namespace Noos.Language.Tests.Gguf;

sealed class TemporaryFolder : IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("noos-gguf-");

    public string File(string name) => Path.Combine(_folder.FullName, name);

    public void Dispose() => _folder.Delete(recursive: true);
}
