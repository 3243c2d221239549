using Noos.Language.Gguf;

namespace Noos.Inference.Weights;

/// <summary>
/// Identity of one loaded model: what belongs to a model (an adapter, a context, a file of keys and values) holds this instead of the
/// model. Two loads of the same file are different identities with the same fingerprint, because weights are packed per load. Thread-safe.
/// </summary>
public sealed class ModelId
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
    internal static string NameOf(string path)
    {
        var name = Path.GetFileNameWithoutExtension(path).AsSpan();

        // How llama-gguf-split names the files of one model: NAME-00001-of-00003.
        const int Part = 15;
        if (name.Length > Part && name[^Part] == '-' && name[^9..].StartsWith("-of-")
            && !name[^14..^9].ContainsAnyExceptInRange('0', '9') && !name[^5..].ContainsAnyExceptInRange('0', '9'))
        {
            name = name[..^Part];
        }

        return name.Trim().ToString().Replace(' ', '-') is { Length: > 0 } known ? known : "model";
    }

    /// <summary>SHA-256 of the metadata, shapes and samples of the weights: 64 hexadecimal digits.</summary>
    public string Fingerprint => Convert.ToHexStringLower(_bytes.Value);

    internal byte[] FingerprintBytes => _bytes.Value;

    public override string ToString() => Name;
}
