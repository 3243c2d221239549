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

    /// <summary>The name in the file's metadata, else the file's name.</summary>
    public string Name { get; }

    /// <summary>SHA-256 of the metadata, shapes and samples of the weights: 64 hexadecimal digits.</summary>
    public string Fingerprint => Convert.ToHexStringLower(_bytes.Value);

    internal byte[] FingerprintBytes => _bytes.Value;

    public override string ToString() => Name;
}
