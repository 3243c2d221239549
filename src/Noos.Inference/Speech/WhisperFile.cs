using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Text;
using Noos.Core;
using Noos.Core.Storage;
using Noos.Language.Gguf;

namespace Noos.Inference.Speech;

/// <summary>
/// A Whisper model in whisper.cpp's file format ("ggml", before GGUF), mapped into memory: magic, eleven numbers, mel filters, vocabulary,
/// tensors, each with its description before its data (models/README.md and whisper.cpp's loader). Opening checks the whole file, so
/// everything that is handed out lies inside it.
/// </summary>
sealed unsafe class WhisperFile : IDisposable
{
    // "ggml" read as a little-endian number.
    const uint Magic = 0x67676D6C;
    const int MaxNameLength = 128;
    const int MaxTokenLength = 1 << 10;

    // Of the numbers in the header: far above every published model, far below what would overflow.
    const int MaxHeaderNumber = 1 << 20;
    const int MaxLayers = 128;

    readonly Dictionary<string, GgufTensor> _tensors = new(StringComparer.Ordinal);
    readonly MemoryMappedFile _mapping;
    readonly MemoryMappedViewAccessor _view;
    readonly byte* _start;
    readonly long _length;
    long _position;
    bool _disposed;

    WhisperFile(string path, FileStream stream)
    {
        Path = path;
        _length = stream.Length;
        if (_length < sizeof(uint))
        {
            throw new InvalidDataException("it is too short");
        }

        _mapping = MemoryMappedFile.CreateFromFile(
            stream, mapName: null, capacity: 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        _view = _mapping.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        _start += _view.PointerOffset;
        try
        {
            (Config, MelFilters, Tokens) = Read();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Path { get; }

    public WhisperConfig Config { get; }

    /// <summary>The share of each frequency in each band [mels, <see cref="LogMelSpectrogram.Bins"/>].</summary>
    public float[] MelFilters { get; }

    /// <summary>The bytes of each token of text, by its id.</summary>
    public byte[][] Tokens { get; }

    /// <summary>Bytes of all tensors.</summary>
    public long TensorBytes => _tensors.Values.Sum(tensor => tensor.ByteLength);

    /// <summary>Numbers in all tensors.</summary>
    public long ParameterCount => _tensors.Values.Sum(tensor => tensor.Count);

    /// <summary>The file begins as one of Whisper does; false also where it cannot be read.</summary>
    public static bool IsWhisper(string path)
    {
        try
        {
            Span<byte> head = stackalloc byte[sizeof(uint)];
            using var stream = File.OpenRead(path);
            return stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length
                && BinaryPrimitives.ReadUInt32LittleEndian(head) == Magic;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return false;
        }
    }

    /// <exception cref="NoosException">The file is missing (NotFound), unreadable, or no whole Whisper model (Damaged).</exception>
    public static WhisperFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        RegularFile.Require(path);
        FileStream? stream = null;
        try
        {
            stream = File.OpenRead(path);
            var file = new WhisperFile(path, stream);
            stream = null;
            return file;
        }
        catch (InvalidDataException e)
        {
            throw new NoosException(
                ErrorKind.Damaged,
                $"'{path}' is no whole Whisper model in whisper.cpp's format: {e.Message}; download it again.", e);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new NoosException(ErrorKind.NotFound, $"There is no speech model '{path}'; check the path.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NoosException(ErrorKind.Unavailable, $"The speech model '{path}' cannot be read: {e.Message}", e);
        }
        finally
        {
            // Whoever reads the file owns it from then on.
            stream?.Dispose();
        }
    }

    /// <summary>A tensor of the given shape, the fastest dimension first.</summary>
    /// <exception cref="NoosException">It is missing or has another shape (Damaged).</exception>
    public GgufTensor Require(string name, params ReadOnlySpan<long> dimensions)
    {
        if (!_tensors.TryGetValue(name, out var tensor))
        {
            throw new NoosException(ErrorKind.Damaged, $"The speech model '{Path}' lacks the tensor '{name}'; download it again.");
        }

        // Biases of convolutions come as [1, n].
        var actual = tensor.Dimensions.SkipWhile(dimension => dimension == 1).ToArray();
        return actual.AsSpan().SequenceEqual(dimensions)
            ? tensor
            : throw new NoosException(
                ErrorKind.Damaged,
                $"The tensor '{name}' of '{Path}' has the size {string.Join(" x ", tensor.Dimensions)}, not that of the header; download "
                + "it again.");
    }

    /// <summary>The first of a tensor's bytes, without alignment; valid until the file is disposed.</summary>
    public byte* Pointer(GgufTensor tensor) => _start + tensor.Offset;

    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _mapping.Dispose();
        }
    }

    (WhisperConfig Config, float[] MelFilters, byte[][] Tokens) Read()
    {
        if (unchecked((uint)ReadInt32()) != Magic)
        {
            throw new InvalidDataException("it does not begin with 'ggml'");
        }

        var numbers = new int[11];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = ReadInt32();
        }

        var config = Check(numbers);
        var (mels, bins) = (ReadInt32(), ReadInt32());
        if (mels != config.MelCount || bins != LogMelSpectrogram.Bins)
        {
            throw new InvalidDataException("its mel filters do not fit its header");
        }

        var filters = new float[mels * bins];
        Take(filters.Length * sizeof(float)).CopyTo(System.Runtime.InteropServices.MemoryMarshal.AsBytes(filters.AsSpan()));
        var tokens = ReadTokens(config.VocabularySize);
        while (_position < _length)
        {
            ReadTensor();
        }

        return (config, filters, tokens);
    }

    static WhisperConfig Check(int[] numbers)
    {
        var isPlausible = Array.TrueForAll(numbers[..10], number => number is > 0 and <= MaxHeaderNumber)
            && numbers[4] <= MaxLayers && numbers[8] <= MaxLayers
            && numbers[2] == numbers[6]
            && IsHead(numbers[2], numbers[3]) && IsHead(numbers[6], numbers[7])
            && numbers[9] <= 512 && numbers[1] <= 1 << 14 && numbers[5] <= 1 << 14 && numbers[2] <= 1 << 14;
        return isPlausible
            ? new WhisperConfig(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[7], numbers[8], numbers[9])
            : throw new InvalidDataException("the numbers of its header are not those of a Whisper model");

        // Kernels take heads in panels of 32.
        static bool IsHead(int width, int heads) => heads <= width && width % heads == 0 && width / heads % 32 == 0;
    }

    byte[][] ReadTokens(int vocabularySize)
    {
        var count = ReadInt32();
        if (count <= 0 || count > vocabularySize)
        {
            throw new InvalidDataException("its vocabulary does not fit its header");
        }

        var tokens = new byte[count][];
        for (var token = 0; token < count; token++)
        {
            var length = ReadInt32();
            tokens[token] = length is >= 0 and <= MaxTokenLength
                ? Take(length).ToArray()
                : throw new InvalidDataException("a token of its vocabulary has an impossible length");
        }

        return tokens;
    }

    void ReadTensor()
    {
        var (dimensionCount, nameLength, type) = (ReadInt32(), ReadInt32(), (GgufTensorType)ReadInt32());
        if (dimensionCount is < 1 or > 4 || nameLength is < 1 or > MaxNameLength || !GgufTensorLayout.TryGet(type, out var layout))
        {
            throw new InvalidDataException("the description of a tensor is not one");
        }

        var dimensions = new long[dimensionCount];
        var count = 1L;
        for (var i = 0; i < dimensionCount; i++)
        {
            dimensions[i] = ReadInt32();
            if (dimensions[i] is <= 0 or > MaxHeaderNumber || (count *= dimensions[i]) > 1L << 40)
            {
                throw new InvalidDataException("a tensor has an impossible size");
            }
        }

        if (dimensions[0] % layout.BlockLength != 0)
        {
            throw new InvalidDataException("a row of a tensor does not end with a block");
        }

        var name = Encoding.UTF8.GetString(Take(nameLength));
        var bytes = layout.BytesOf(count);
        if (bytes > _length - _position)
        {
            throw new InvalidDataException($"it ends in the tensor '{name}'");
        }

        if (!_tensors.TryAdd(name, new GgufTensor(name, type, dimensions, _position, bytes)))
        {
            throw new InvalidDataException($"it has the tensor '{name}' twice");
        }

        _position += bytes;
    }

    int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));

    ReadOnlySpan<byte> Take(int count)
    {
        if (count > _length - _position)
        {
            throw new InvalidDataException("it ends too early");
        }

        var bytes = new ReadOnlySpan<byte>(_start + _position, count);
        _position += count;
        return bytes;
    }
}
