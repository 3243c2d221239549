namespace Noos.Cpus.Hub;

/// <summary>Whether the first bytes of a file are those that its name promises; a web page in its place has others.</summary>
static class ModelContent
{
    /// <summary>Bytes that are looked at.</summary>
    public const int Length = 4;

    /// <summary>"ggml" as a number, as whisper.cpp writes it.</summary>
    static ReadOnlySpan<byte> Ggml => "lmgg"u8;

    /// <summary>What such a file is called in a sentence.</summary>
    public static string KindOf(string path) => SpeechModelFile.IsName(path) ? "ear in whisper.cpp's format"
        : VoiceModelFile.IsName(path) ? "ONNX model"
        : IsSettings(path) ? "JSON file"
        : "GGUF model";

    /// <param name="path">Of the file, with its name.</param>
    /// <param name="start">The first <see cref="Length"/> bytes, fewer of a shorter file.</param>
    public static bool IsAsNamed(string path, ReadOnlySpan<byte> start) =>
        SpeechModelFile.IsName(path) ? start.SequenceEqual(Ggml)
        // The first field of every ModelProto is the version of the format, 1 to 127.
        : VoiceModelFile.IsName(path) ? start is [0x08, > 0 and < 128, ..]
        : IsSettings(path) ? start.TrimStart(" \r\n\t"u8) is [(byte)'{', ..]
        : start.SequenceEqual("GGUF"u8);

    static bool IsSettings(string path) => path.EndsWith(VoiceModelFile.SettingsExtension, StringComparison.OrdinalIgnoreCase);
}
