using System.Text.RegularExpressions;
using Noos.Language.Gguf;

namespace Noos.Inference.Weights;

/// <summary>
/// Identity of one loaded model: what belongs to a model (an adapter, a context, a file of keys and values) holds this instead of the
/// model. Two loads of the same file are different identities with the same fingerprint, because weights are packed per load. Thread-safe.
/// </summary>
public sealed partial class ModelId
{
    readonly Lazy<byte[]> _bytes;

    internal ModelId(string name, GgufFile file)
    {
        Name = name;
        // Lazy: it touches pages all over the file, which most runs never need.
        _bytes = new Lazy<byte[]>(() => ModelFingerprint.Compute(file));
    }

    /// <summary>The name of the file, without ending, part and spaces.</summary>
    public string Name { get; }

    /// <summary>What a person who chose the file calls the model.</summary>
    internal static string NameOf(string path) =>
        Part().Replace(Path.GetFileNameWithoutExtension(path), "").Trim().Replace(' ', '-') is { Length: > 0 } name ? name : "model";

    /// <summary>How llama-gguf-split names the files of one model.</summary>
    [GeneratedRegex(@"-[0-9]{5}-of-[0-9]{5}\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Part();

    /// <summary>SHA-256 of the metadata, shapes and samples of the weights: 64 hexadecimal digits.</summary>
    public string Fingerprint => Convert.ToHexStringLower(_bytes.Value);

    internal byte[] FingerprintBytes => _bytes.Value;

    public override string ToString() => Name;
}
