using System.Text;
using System.Text.Json;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Language.Tokenization;

namespace Noos.Inference.ToolCalls;

/// <summary>
/// The table of notations. Which one a model uses is found by letting its chat template write a call and looking at the marks.
/// Thread-safe.
/// </summary>
public static class ToolCallNotations
{
    // A text that no template writes by itself.
    const string Probe = "probe_7f3a";

    /// <summary>The notation of Hermes, Qwen and the models of this repository.</summary>
    public static ToolCallNotation Hermes { get; } = new HermesNotation();

    /// <summary>The notation of a model's chat format.</summary>
    /// <returns>Null where its template writes no calls, or in a way that is not known.</returns>
    public static ToolCallNotation? Find(IChatFormat format)
    {
        ArgumentNullException.ThrowIfNull(format);
        if (format is ChatFormat)
        {
            return Hermes;
        }

        var sample = Sample(format);
        ToolCallNotation?[] known =
        [
            HarmonyNotation.Recognize(sample), MistralNotation.Recognize(sample), QwenCoderNotation.Recognize(sample),
            GlmNotation.Recognize(sample), KimiNotation.Recognize(sample), DeepSeekNotation.Recognize(sample),
            LfmNotation.Recognize(sample), GraniteNotation.Recognize(sample),
            sample.Contains(SpecialTokens.ToolCallStart, StringComparison.Ordinal) ? Hermes : null, LlamaNotation.Recognize(sample),
        ];
        return Array.Find(known, notation => notation?.IsIn(format.Tokenizer) == true)
            ?? (sample.Length == 0 ? FindByTokens(format.Tokenizer) : null);
    }

    /// <summary>A reader of an answer that is held to a format: text, whatever it spells.</summary>
    public static AnswerReader CreateTextReader(Tokenizer tokenizer) => new TextAnswerReader(tokenizer);

    /// <inheritdoc cref="ToolCallNotation.TextPrefix"/>
    public static string TextPrefix(ToolCallNotation? notation, string promptEnd) =>
        notation is null ? MarkedAnswerReader.CloseThought(promptEnd) : notation.TextPrefix(promptEnd);

    /// <summary>A reader for a model without a notation: text and thoughts.</summary>
    public static AnswerReader CreatePlainReader(Tokenizer tokenizer, string promptEnd = "") =>
        new MarkedAnswerReader(tokenizer, marks: null, MarkedAnswerReader.OpensThought(promptEnd));

    /// <summary>By the tokens of the vocabulary alone.</summary>
    static ToolCallNotation? FindByTokens(Tokenizer tokenizer) =>
        HermesNotation.HasTokens(tokenizer) ? Hermes
        : LfmNotation.HasTokens(tokenizer) ? new LfmNotation()
        : new GraniteNotation() is var granite && granite.IsIn(tokenizer) ? granite
        : null;

    /// <summary>How the template writes a call; empty where it does not.</summary>
    static string Sample(IChatFormat format)
    {
        var arguments = JsonSerializer.SerializeToElement(
            new Dictionary<string, string> { ["key"] = Probe }, JsonContext.Default.DictionaryStringString);
        var schema = JsonElement.Parse("""{"type": "object", "properties": {"key": {"type": "string"}}}""");
        try
        {
            var prompt = format.RenderPrompt(
                Conversation.From(Message.User("a"), Message.Assistant(new ToolCallPart("probe_tool", arguments)),
                    Message.Tool(new ToolResultPart("probe_tool", "b"))),
                [new ToolDeclaration("probe_tool", "A tool.", schema)]);
            var text = Encoding.UTF8.GetString(format.Tokenizer.Decode(prompt));
            // The tool's description may show the notation too; the call itself is where its argument is.
            var place = text.LastIndexOf(Probe, StringComparison.Ordinal);
            const int Before = 160, After = 60;
            return place < 0 ? "" : text[Math.Max(0, place - Before)..Math.Min(text.Length, place + Probe.Length + After)];
        }
        catch (NoosException)
        {
            return "";
        }
    }
}
