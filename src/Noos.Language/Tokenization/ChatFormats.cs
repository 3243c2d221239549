using System.Text;
using System.Text.Json;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Language.Gguf;
using Noos.Language.Templates;

namespace Noos.Language.Tokenization;

/// <summary>Chooses the format that a model was trained on.</summary>
public static class ChatFormats
{
    /// <summary>
    /// The format of a model: our own where the model has no template or one that says the same as ours, else that of its template.
    /// </summary>
    /// <param name="file">The model.</param>
    /// <param name="tokenizer">Its vocabulary.</param>
    /// <exception cref="NoosException">
    /// The template is broken, or there is none and the vocabulary lacks the tokens of our format.
    /// </exception>
    public static IChatFormat For(GgufFile file, Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(tokenizer);
        if (file.GetString("tokenizer.chat_template") is not { } source)
        {
            return new ChatFormat(tokenizer);
        }

        var end = file.GetInteger("tokenizer.ggml.eos_token_id") is { } id && id >= 0 && id < tokenizer.VocabularySize
            ? (int)id
            : (int?)null;
        var options = new TemplateOptions { BosToken = Name(tokenizer.BeginOfText, tokenizer), EosToken = Name(end, tokenizer) };
        var begins = tokenizer.EncodeDocument("") is [var first, ..] && first == tokenizer.BeginOfText;
        return For(tokenizer, source, options, begins ? tokenizer.BeginOfText : null);
    }

    /// <summary>As <see cref="For(GgufFile, Tokenizer)"/>, from the parts.</summary>
    public static IChatFormat For(Tokenizer tokenizer, string template, TemplateOptions? options = null, int? begin = null)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(template);
        // The models of this repository: their first answer need not wait until a template engine is compiled.
        if (template == ChatFormat.JinjaTemplate)
        {
            return new ChatFormat(tokenizer);
        }

        var format = new TemplateChatFormat(tokenizer, ChatTemplate.Parse(template), options, begin);
        return IsOurs(format) ? new ChatFormat(tokenizer) : format;
    }

    static bool IsOurs(TemplateChatFormat format)
    {
        var arguments = JsonElement.Parse("""{"a":"b"}""");
        var sample = Conversation.From(
            Message.System("a"),
            Message.User("b"),
            Message.Assistant(new TextPart("c"), new ToolCallPart("d", arguments)),
            Message.Tool(new ToolResultPart("d", "e")),
            Message.Assistant("f"),
            Message.User("g"));
        try
        {
            return new ChatFormat(format.Tokenizer).RenderPrompt(sample).AsSpan().SequenceEqual(format.RenderPrompt(sample, []));
        }
        catch (NoosException)
        {
            return false;
        }
    }

    static string Name(int? token, Tokenizer tokenizer) => token is { } known ? Encoding.UTF8.GetString(tokenizer.BytesOf(known)) : "";
}
