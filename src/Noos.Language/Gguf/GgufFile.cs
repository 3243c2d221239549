using System.Diagnostics.CodeAnalysis;
using Noos.Core;

namespace Noos.Language.Gguf;

/// <summary>
/// A GGUF model (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md), version 2 or 3, little-endian, in one file or several, mapped
/// into memory. Opening reads and checks all headers, so everything that is handed out afterwards lies inside the files. Safe for
/// concurrent reads; a file must not be shortened while it is open (replacing it by a rename is fine).
/// </summary>
public sealed unsafe class GgufFile : IDisposable
{
    internal const string AlignmentKey = "general.alignment";
    internal const uint DefaultAlignment = 32;
    const string ArchitectureKey = "general.architecture";

    // The architecture is the first value of nearly every file.
    const int PeekedBytes = 4096;

    readonly GgufPart[] _parts;
    readonly Dictionary<string, (GgufTensor Tensor, GgufPart Part)> _tensorsByName = [];
    readonly List<GgufTensor> _tensors = [];

    GgufFile(string path, GgufPart[] parts)
    {
        Path = path;
        _parts = parts;
        foreach (var part in parts)
        {
            foreach (var tensor in part.Tensors)
            {
                if (!_tensorsByName.TryAdd(tensor.Name, (tensor, part)))
                {
                    throw GgufPart.Damaged(path, $"two of its parts have the tensor '{GgufPart.Shorten(tensor.Name)}'");
                }

                _tensors.Add(tensor);
            }
        }
    }

    /// <summary>Of the first part.</summary>
    public string Path { get; }

    /// <summary>2 or 3.</summary>
    public int Version => _parts[0].Version;

    /// <summary>Number of files.</summary>
    public int PartCount => _parts.Length;

    /// <summary>Bytes of all files.</summary>
    public long Length => _parts.Sum(part => part.Length);

    /// <summary>Of the first part, which is that of the model.</summary>
    public IReadOnlyDictionary<string, GgufValue> Metadata => _parts[0].Metadata;

    /// <summary>In the order of the file, part after part.</summary>
    public IReadOnlyList<GgufTensor> Tensors => _tensors;

    /// <summary>Opens a model; one in several files (<c>NAME-00001-of-00003.gguf</c>) by its first.</summary>
    /// <exception cref="NoosException">
    /// A file is missing (<see cref="ErrorKind.NotFound"/>), unreadable, damaged, of an unknown version or of another model (<see
    /// cref="ErrorKind.Damaged"/>).
    /// </exception>
    public static GgufFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var parts = GgufSplits.Open(path);
        try
        {
            return new GgufFile(path, parts);
        }
        catch
        {
            Array.ForEach(parts, part => part.Dispose());
            throw;
        }
    }

    /// <summary>
    /// The architecture that a file names in its first bytes: for lists of many files, of which the vocabularies would take long to read.
    /// </summary>
    /// <returns>Null where it does not stand there, or the file cannot be read.</returns>
    public static string? PeekArchitecture(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            var bytes = new byte[PeekedBytes];
            using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            return GgufPart.FindText(bytes.AsSpan(0, RandomAccess.Read(handle, bytes, 0)), ArchitectureKey);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Null when the key is missing.</summary>
    /// <exception cref="NoosException">
    /// The value is of another type (<see cref="ErrorKind.Damaged"/>); so for the methods below.
    /// </exception>
    public string? GetString(string key) => Get(key, "a text", value => value.Content as string);

    /// <inheritdoc cref="GetString"/>
    public long? GetInteger(string key) =>
        Metadata.TryGetValue(key, out var value) ? value.ToInteger() ?? throw WrongType(key, "an integer") : null;

    /// <inheritdoc cref="GetString"/>
    public double? GetFloat(string key) => !Metadata.TryGetValue(key, out var value)
        ? null
        : value.Content switch
        {
            float single => single,
            double wide => wide,
            _ => value.ToInteger() ?? throw WrongType(key, "a number"),
        };

    /// <inheritdoc cref="GetString"/>
    public bool? GetBool(string key) =>
        Metadata.TryGetValue(key, out var value) ? value.Content as bool? ?? throw WrongType(key, "true or false") : null;

    /// <inheritdoc cref="GetString"/>
    public IReadOnlyList<string>? GetStrings(string key) => Get(key, "a list of texts", value => value.Content as string[]);

    /// <inheritdoc cref="GetString"/>
    public IReadOnlyList<int>? GetIntegers(string key) => Get(key, "a list of 32-bit integers", value => value.ElementType switch
    {
        // The element type decides: for the runtime, an int[] is a uint[] too.
        GgufValueType.Int32 => (int[])value.Content,
        GgufValueType.UInt32 => ToInt32(key, (uint[])value.Content),
        GgufValueType.UInt8 => Array.ConvertAll((byte[])value.Content, element => (int)element),
        GgufValueType.Int8 => Array.ConvertAll((sbyte[])value.Content, element => (int)element),
        GgufValueType.UInt16 => Array.ConvertAll((ushort[])value.Content, element => (int)element),
        GgufValueType.Int16 => Array.ConvertAll((short[])value.Content, element => (int)element),
        _ => null,
    });

    /// <inheritdoc cref="GetString"/>
    public IReadOnlyList<float>? GetFloats(string key) => Get(key, "a list of 32-bit floats", value => value.Content as float[]);

    public bool TryGetTensor(string name, [NotNullWhen(true)] out GgufTensor? tensor)
    {
        tensor = _tensorsByName.TryGetValue(name, out var own) ? own.Tensor : null;
        return tensor is not null;
    }

    /// <summary>The bytes of a tensor of this file, valid until the file is disposed.</summary>
    /// <exception cref="NoosException">The tensor has 2 GiB or more; use <see cref="Pointer"/>.</exception>
    public ReadOnlySpan<byte> Data(GgufTensor tensor)
    {
        var pointer = Pointer(tensor);
        return tensor.ByteLength <= int.MaxValue
            ? new ReadOnlySpan<byte>(pointer, (int)tensor.ByteLength)
            : throw new NoosException(
                ErrorKind.Refused, $"Tensor '{tensor.Name}' of '{Path}' has {tensor.ByteLength:N0} bytes, too many to read in one piece.");
    }

    /// <summary>
    /// The first of <see cref="GgufTensor.ByteLength"/> bytes of a tensor of this file, valid until the file is disposed.
    /// </summary>
    public byte* Pointer(GgufTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return _tensorsByName.TryGetValue(tensor.Name, out var own) && ReferenceEquals(own.Tensor, tensor)
            ? own.Part.Pointer(tensor)
            : throw new ArgumentException($"Tensor '{tensor.Name}' is not one of this file.", nameof(tensor));
    }

    public void Dispose() => Array.ForEach(_parts, part => part.Dispose());

    T? Get<T>(string key, string wanted, Func<GgufValue, T?> convert)
        where T : class => Metadata.TryGetValue(key, out var value) ? convert(value) ?? throw WrongType(key, wanted) : null;

    int[] ToInt32(string key, uint[] values) =>
        Array.ConvertAll(values, value => value <= int.MaxValue ? (int)value : throw WrongType(key, "a list of 32-bit integers"));

    NoosException WrongType(string key, string wanted) =>
        new(ErrorKind.Damaged,
            $"The metadata value '{key}' of '{Path}' is not {wanted}, so the file does not fit this program; export it again.");
}
