using Noos.Language.Gguf;
using Noos.Language.Templates;
using Noos.Language.Tokenization;
using Noos.Testing.RandomModels;

namespace Noos.Inference.Tests.Support;

/// <summary>A vocabulary with the tokens of several families of models.</summary>
static class NotationModels
{
    static readonly string[] s_names =
    [
        "<tool_call>", "</tool_call>", "<think>", "</think>", "[TOOL_CALLS]", "[ARGS]", "[CALL_ID]", "[THINK]", "[/THINK]",
        "<|python_tag|>", "<|start_header_id|>",
        "<|end_header_id|>", "<|eot_id|>", "<arg_key>", "</arg_key>", "<arg_value>", "</arg_value>", "<|start|>", "<|end|>", "<|channel|>",
            "<|message|>",
        "<|tool_calls_section_begin|>", "<|tool_call_begin|>", "<|tool_call_argument_begin|>", "<|tool_call_end|>",
        "<|tool_calls_section_end|>", "<｜tool▁calls▁begin｜>", "<｜tool▁call▁begin｜>", "<｜tool▁sep｜>", "<｜tool▁call▁end｜>",
        "<｜tool▁calls▁end｜>", "<|tool_call|>", "<|tool_call_start|>",
        "<|constrain|>", "<|return|>", "<|call|>", "<|im_start|>", "<|im_end|>", "<|endoftext|>",
    ];

    static readonly Lazy<Tokenizer> s_tokenizer = new(Create);

    public static Tokenizer Tokenizer => s_tokenizer.Value;

    public static int Token(string name) => Tokenizer.TryGetSpecial(name, out var token) ? token : throw new ArgumentException(name);

    /// <summary>A format that writes calls as a family does, in the words of its template.</summary>
    public static IChatFormat Format(string writesCall) => new TemplateChatFormat(
        Tokenizer,
        ChatTemplate.Parse(
            "{%- for message in messages -%}{%- if message.tool_calls -%}{%- for call in message.tool_calls -%}{%- set call = "
            + "call.function -%}"
            + writesCall
            + "{%- endfor -%}{%- else -%}{{- message.role + ': ' + message.content -}}{%- endif -%}{%- endfor -%}{%- if "
            + "add_generation_prompt -%}assistant: {%- endif -%}"));

    static Tokenizer Create()
    {
        var path = Path.Combine(Path.GetTempPath(), $"noos-{Guid.NewGuid():N}.gguf");
        var source = path + ".source";
        try
        {
            RandomModelFile.Write(source,
                RandomModelShape.Known["tiny-qwen3"] with
                {
                    BlockCount = 1,
                    EmbeddingLength = 32,
                    FeedForwardLength = 32,
                    VocabularySize = 900,
                }, GgufTensorType.F32);
            using var file = GgufFile.Open(source);
            var tokens = file.GetStrings("tokenizer.ggml.tokens")!.ToList();
            var missing = s_names.Except(tokens).ToArray();
            var types = tokens.Select((_, index) => index < 32 ? 3 : 1).Concat(missing.Select(_ => 3)).ToArray();
            var writer = new GgufWriter();
            foreach (var (key, value) in file.Metadata.Where(pair => pair.Key.StartsWith("tokenizer.", StringComparison.Ordinal)))
            {
                writer.Add(key, key switch
                {
                    "tokenizer.ggml.tokens" => tokens.Concat(missing).ToArray(),
                    "tokenizer.ggml.token_type" => types,
                    _ => value,
                });
            }

            writer.Add("general.architecture", "qwen3");
            writer.AddTensor("none", GgufTensorType.F32, [1], new byte[4]);
            writer.WriteTo(path);
            using var vocabulary = GgufFile.Open(path);
            return Tokenizer.FromGguf(vocabulary);
        }
        finally
        {
            File.Delete(path);
            File.Delete(source);
        }
    }
}
