namespace Noos.Language.Tokenization;

/// <summary>
/// The reserved tokens of a Noos vocabulary, in the order of their ids from 0. They are reserved from the first training run on,
/// so that later abilities (media, thinking, files) need no new vocabulary. The names follow Qwen's where Qwen has one, because
/// chat clients and llama.cpp already know how to parse those.
/// </summary>
public static class SpecialTokens
{
    /// <summary>Begins every document (BOS) and ends a completion of the base model.</summary>
    public const string EndOfText = "<|endoftext|>";
    public const string MessageStart = "<|im_start|>";
    public const string MessageEnd = "<|im_end|>";
    public const string ToolCallStart = "<tool_call>";
    public const string ToolCallEnd = "</tool_call>";
    public const string ToolResponseStart = "<tool_response>";
    public const string ToolResponseEnd = "</tool_response>";
    public const string ThinkStart = "<think>";
    public const string ThinkEnd = "</think>";
    public const string ImageStart = "<|vision_start|>";
    public const string ImageEnd = "<|vision_end|>";
    public const string ImagePad = "<|image_pad|>";
    public const string AudioStart = "<|audio_start|>";
    public const string AudioEnd = "<|audio_end|>";
    public const string FileStart = "<|file_start|>";
    public const string FileEnd = "<|file_end|>";

    const int SpareCount = 16;

    /// <summary>All reserved tokens; a token's index is its id.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        EndOfText, MessageStart, MessageEnd, ToolCallStart, ToolCallEnd, ToolResponseStart, ToolResponseEnd, ThinkStart, ThinkEnd,
        ImageStart, ImageEnd, ImagePad, AudioStart, AudioEnd, FileStart, FileEnd,
        .. Enumerable.Range(0, SpareCount).Select(index => $"<|spare_{index}|>"),
    ];
}
