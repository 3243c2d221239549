using Noos.Inference.Encoders;
using Noos.Language.Gguf;

namespace Noos.Cpus.Library;

/// <summary>A model on this machine.</summary>
/// <param name="Name">What to write for it.</param>
/// <param name="Path">Of a split model its first file.</param>
/// <param name="Folder">The models folder that it is in.</param>
/// <param name="Files">All that is there of it, parts of unfinished downloads too.</param>
/// <param name="IsWhole">False while a part of it is still to be downloaded.</param>
public sealed record StoredModel(string Name, string Path, ModelOrigin Origin, string Folder, IReadOnlyList<string> Files, bool IsWhole)
{
    const string BaseEnding = "-base";
    const string RepositoryEnding = "-GGUF";

    /// <summary>Bytes of all files.</summary>
    public long Bytes => Files.Sum(file => new FileInfo(file) is { Exists: true } info ? info.Length : 0);

    /// <summary>
    /// What programs call the model while it runs: its name without spaces, of a pulled one its repository (OWNER/REPO).
    /// </summary>
    public string Id => IdOf(Origin == ModelOrigin.Pulled ? Name.Split(':')[0] : Name);

    /// <summary>
    /// A base model, which continues texts and knows no conversations, as its name says: "NAME-base", of a repository "REPO-base-GGUF" too.
    /// </summary>
    public bool IsBase
    {
        get
        {
            var name = Name.Split(':')[0].AsSpan();
            name = name.EndsWith(RepositoryEnding, StringComparison.OrdinalIgnoreCase) ? name[..^RepositoryEnding.Length] : name;
            return name.EndsWith(BaseEnding, StringComparison.OrdinalIgnoreCase);
        }
    }

    /// <summary>An encoder, which makes vectors of texts and does not chat, as its first bytes say.</summary>
    public bool IsEncoder => IsWhole && EncoderModel.IsEncoder(GgufFile.PeekArchitecture(Path));

    internal static string IdOf(string name) => name.Trim().Replace(' ', '-');

    /// <summary>Other names that are understood as well, as long as no other model has them too.</summary>
    internal IReadOnlyList<string> Aliases { get; init; } = [];
}
