using System.Text;
using System.Text.Json;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Language.Templates;

namespace Noos.Language.Tokenization;

/// <summary>
/// How a conversation is written in tokens: Qwen3's layout (ChatML with Hermes tool calls). The only place that knows it. The text of
/// a conversation never becomes a special token, whatever it spells, so nobody can forge a turn. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// <c>&lt;|endoftext|&gt;</c> once, then a message is <c>&lt;|im_start|&gt;ROLE\n ... &lt;|im_end|&gt;\n</c>. A call is
/// <c>&lt;tool_call&gt;\n{"name": ..., "arguments": {...}}\n&lt;/tool_call&gt;</c>; results stand between <c>&lt;tool_response&gt;</c>
/// tokens in a user turn, those in a row in one turn. A picture is its caption between vision tokens, and so on. There is no system
/// prompt of our own and no tool schema: a small model knows its tools from training.
/// </remarks>
public sealed class ChatFormat : IChatFormat, ITrainingFormat
{
    /// <summary>The same layout for programs that read a Jinja template from the model file, such as llama.cpp.</summary>
    public const string JinjaTemplate =
        """
        {%- macro render(content) -%}
        {%- if content is string -%}{{- content -}}
        {%- elif content -%}
        {%- for part in content -%}
        {%- if part.type == 'text' -%}{{- part.text -}}
        {%- elif part.type == 'image' -%}{{- '<|vision_start|>' + (part.caption or '') + '<|vision_end|>' -}}
        {%- elif part.type == 'audio' -%}{{- '<|audio_start|>' + (part.transcript or '') + '<|audio_end|>' -}}
        {%- elif part.type == 'file' -%}{{- '<|file_start|>' + part.name + '\n' + (part.text or '') + '<|file_end|>' -}}
        {%- endif -%}
        {%- endfor -%}
        {%- endif -%}
        {%- endmacro -%}
        {{- '<|endoftext|>' -}}
        {%- for message in messages -%}
        {%- set content = render(message.content) -%}
        {%- if message.role == 'tool' -%}
        {%- if loop.first or messages[loop.index0 - 1].role != 'tool' -%}{{- '<|im_start|>user' -}}{%- endif -%}
        {{- '\n<tool_response>\n' + content + '\n</tool_response>' -}}
        {%- if loop.last or messages[loop.index0 + 1].role != 'tool' -%}{{- '<|im_end|>\n' -}}{%- endif -%}
        {%- else -%}
        {{- '<|im_start|>' + message.role + '\n' + content -}}
        {%- if message.tool_calls -%}
        {%- for call in message.tool_calls -%}
        {%- if content or not loop.first -%}{{- '\n' -}}{%- endif -%}
        {%- if call.function -%}{%- set call = call.function -%}{%- endif -%}
        {{- '<tool_call>\n{"name": "' + call.name + '", "arguments": ' -}}
        {%- if call.arguments is string -%}{{- call.arguments -}}{%- else -%}{{- call.arguments | tojson -}}{%- endif -%}
        {{- '}\n</tool_call>' -}}
        {%- endfor -%}
        {%- endif -%}
        {{- '<|im_end|>\n' -}}
        {%- endif -%}
        {%- endfor -%}
        {%- if add_generation_prompt -%}{{- '<|im_start|>assistant\n' -}}{%- endif -%}
        """;

    readonly Tokenizer _tokenizer;
    readonly int _textStart;
    readonly int _messageStart;
    readonly int _messageEnd;
    readonly int _callStart;
    readonly int _callEnd;
    readonly int _responseStart;
    readonly int _responseEnd;
    readonly (int Start, int End) _image;
    readonly (int Start, int End) _audio;
    readonly (int Start, int End) _file;

    /// <exception cref="NoosException">The vocabulary lacks a token of the layout.</exception>
    public ChatFormat(Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        _tokenizer = tokenizer;
        _textStart = Special(SpecialTokens.EndOfText);
        _messageStart = Special(SpecialTokens.MessageStart);
        _messageEnd = Special(SpecialTokens.MessageEnd);
        _callStart = Special(SpecialTokens.ToolCallStart);
        _callEnd = Special(SpecialTokens.ToolCallEnd);
        // Qwen 2.5 has these two only as text; they are then written as text.
        _responseStart = OptionalSpecial(SpecialTokens.ToolResponseStart);
        _responseEnd = OptionalSpecial(SpecialTokens.ToolResponseEnd);
        _image = (OptionalSpecial(SpecialTokens.ImageStart), OptionalSpecial(SpecialTokens.ImageEnd));
        _audio = (OptionalSpecial(SpecialTokens.AudioStart), OptionalSpecial(SpecialTokens.AudioEnd));
        _file = (OptionalSpecial(SpecialTokens.FileStart), OptionalSpecial(SpecialTokens.FileEnd));
    }

    public Tokenizer Tokenizer => _tokenizer;

    /// <summary>Never: our models know their tools from training.</summary>
    public bool ShowsTools => false;

    /// <summary>There are none.</summary>
    public bool ReadsVariable(string name) => false;

    /// <summary>Appends a whole conversation.</summary>
    /// <param name="conversation">What to write.</param>
    /// <param name="tokens">Receives the tokens.</param>
    /// <param name="isTarget">Receives for each token whether the model shall learn to say it: what the assistant says, its closing
    /// <c>&lt;|im_end|&gt;</c> included.</param>
    public void Render(Conversation conversation, List<int> tokens, List<bool> isTarget)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(isTarget);
        var writer = new Writer(_tokenizer, tokens, isTarget);
        Render(conversation, ref writer);
        writer.Flush();
    }

    /// <summary>
    /// The tokens of a conversation up to where the assistant is to speak: they end with <c>&lt;|im_start|&gt;assistant\n</c>.
    /// </summary>
    public int[] RenderPrompt(Conversation conversation)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        var tokens = new List<int>();
        var writer = new Writer(_tokenizer, tokens, []);
        Render(conversation, ref writer);
        writer.Special(_messageStart, "");
        writer.Text("assistant\n");
        writer.Flush();
        return [.. tokens];
    }

    /// <summary>The same: our models know their tools from training.</summary>
    public int[] RenderPrompt(
        Conversation conversation, IReadOnlyList<ToolDeclaration> tools, IReadOnlyDictionary<string, JsonElement>? variables = null) =>
        RenderPrompt(conversation);

    void Render(Conversation conversation, ref Writer writer)
    {
        writer.Special(_textStart, "");
        var messages = conversation.Messages;
        for (var index = 0; index < messages.Count; index++)
        {
            var message = messages[index];
            var isTool = message.Role == Role.Tool;
            if (!isTool || index == 0 || messages[index - 1].Role != Role.Tool)
            {
                writer.Special(_messageStart, "");
                writer.Text(NameOf(message.Role));
                writer.Text(isTool ? "" : "\n");
            }

            writer.SetTarget(message is { Role: Role.Assistant, Weight: not 0 });
            RenderParts(message, ref writer);
            if (!isTool || index + 1 == messages.Count || messages[index + 1].Role != Role.Tool)
            {
                writer.Special(_messageEnd, "");
                writer.SetTarget(false);
                writer.Text("\n");
            }
        }
    }

    void RenderParts(Message message, ref Writer writer)
    {
        // Our models were not taught to think aloud: thoughts are no part of the layout.
        foreach (var (index, part) in message.Parts.Where(part => part is not ThoughtPart).Index())
        {
            switch (part)
            {
                case TextPart text:
                    writer.Text(text.Text);
                    break;
                case ToolCallPart call:
                    writer.Text(index > 0 ? "\n" : "");
                    writer.Special(_callStart, "");
                    writer.Text($"\n{ToolCallJson.Write(call)}\n");
                    writer.Special(_callEnd, "");
                    break;
                case ToolResultPart result:
                    writer.Text("\n");
                    writer.Special(_responseStart, SpecialTokens.ToolResponseStart);
                    writer.Text($"\n{ToolResultText.Render(result)}\n");
                    writer.Special(_responseEnd, SpecialTokens.ToolResponseEnd);
                    break;
                case ImagePart image:
                    RenderMedia(_image, SpecialTokens.ImageStart, image.Caption, SpecialTokens.ImageEnd, ref writer);
                    break;
                case AudioPart audio:
                    RenderMedia(_audio, SpecialTokens.AudioStart, audio.Transcript, SpecialTokens.AudioEnd, ref writer);
                    break;
                case FilePart file:
                    RenderMedia(_file, SpecialTokens.FileStart, $"{file.Name}\n{file.Text}", SpecialTokens.FileEnd, ref writer);
                    break;
            }
        }
    }

    static void RenderMedia((int Start, int End) tokens, string start, string? content, string end, ref Writer writer)
    {
        writer.Special(tokens.Start, start);
        writer.Text(content ?? "");
        writer.Special(tokens.End, end);
    }

    static string NameOf(Role role) => role switch
    {
        Role.System => "system",
        Role.Assistant => "assistant",
        _ => "user",
    };

    int Special(string name) => _tokenizer.TryGetSpecial(name, out var token)
        ? token
        : throw new NoosException(
            $"The vocabulary has no token {name}, which conversations need; use a model with the ChatML tokens of Qwen 2.5 or 3.");

    int OptionalSpecial(string name) => _tokenizer.TryGetSpecial(name, out var token) ? token : -1;

    /// <summary>Collects text up to the next special token or change of target, because text is split into pieces as a whole.</summary>
    ref struct Writer(Tokenizer tokenizer, List<int> tokens, List<bool> isTarget)
    {
        readonly StringBuilder _text = new();
        bool _isTarget;

        public readonly void Text(string text) => _text.Append(text);

        public void SetTarget(bool value)
        {
            if (value != _isTarget)
            {
                Flush();
                _isTarget = value;
            }
        }

        /// <summary>A special token, or its name as text where the vocabulary lacks it.</summary>
        public readonly void Special(int token, string name)
        {
            if (token < 0)
            {
                _text.Append(name);
                return;
            }

            Flush();
            tokens.Add(token);
            isTarget.Add(_isTarget);
        }

        public readonly void Flush()
        {
            var encoded = tokenizer.Encode(_text.ToString());
            _text.Clear();
            tokens.AddRange(encoded);
            for (var index = 0; index < encoded.Length; index++)
            {
                isTarget.Add(_isTarget);
            }
        }
    }
}
