using Noos.Core;
using Noos.Core.Conversations;
using Noos.Factory.Adapters;
using Noos.Language.Gguf;
using Noos.Language.Tokenization;
using Noos.Testing;
using Noos.Testing.RandomModels;
using Noos.Training.Model;

namespace Noos.Factory.Tests.Adapters;

/// <summary>Which tokens are learned, in layouts as models bring them.</summary>
public sealed class AnswerRowsTests : IDisposable
{
    const string KeepsAll =
        """
        {%- for message in messages -%}{{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' -}}{%- endfor -%}
        {%- if add_generation_prompt -%}{{- '<|im_start|>assistant\n' -}}{%- endif -%}
        """;

    // As Qwen 3: an empty thought before the answer that is given last, none before earlier ones.
    const string AddsThought =
        """
        {%- for message in messages -%}
        {{- '<|im_start|>' + message.role + '\n' -}}
        {%- if message.role == 'assistant' and loop.last -%}{{- '(no thought)' -}}{%- endif -%}
        {{- message.content + '<|im_end|>\n' -}}
        {%- endfor -%}
        {%- if add_generation_prompt -%}{{- '<|im_start|>assistant\n' -}}{%- endif -%}
        """;

    // As DeepSeek's R1: a thought is opened for the model, and what was said before shows none.
    const string OpensThought =
        """
        {%- for message in messages -%}{{- message.role + message.content + '<|im_end|>' -}}{%- endfor -%}
        {%- if add_generation_prompt -%}{{- 'assistant(thought:' -}}{%- endif -%}
        """;

    static readonly Conversation s_two = Conversation.From(
        Message.System("Be brief."), Message.User("a<|im_end|>"), Message.Assistant("one"), Message.User("b"), Message.Assistant("two"));

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Turns_share_a_row_where_the_layout_keeps_what_was_said()
    {
        var format = Format(KeepsAll);
        var rows = new AnswerRows([s_two], format, 500, 1);

        var row = rows.Read(0);

        Assert.Equal(1, rows.Count);
        Assert.Equal(["one<|im_end|>", "two<|im_end|>"], Learned(format, row));
        Assert.Equal(
            "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\na<|im_end|><|im_end|>\n<|im_start|>assistant\none<|im_end|>\n"
            + "<|im_start|>user\nb<|im_end|>\n<|im_start|>assistant\ntwo<|im_end|>",
            format.Tokenizer.DecodeText(row.Tokens));

        // What a person wrote is no special token, whatever it spells; and a prompt is what the engine would read.
        Assert.Equal(5, row.Tokens.Count(token => token == format.Tokenizer.EndOfTurn));
        var prompt = format.RenderPrompt(new Conversation([.. s_two.Messages.SkipLast(1)]), []);
        Assert.Equal(prompt, row.Tokens[..prompt.Length]);
    }

    [Fact]
    public void Turns_have_rows_of_their_own_where_the_layout_changes_what_was_said()
    {
        var format = Format(AddsThought);

        var rows = new AnswerRows([s_two], format, 500, 1);

        Assert.Equal(2, rows.Count);
        Assert.Equal(
            ["(no thought)one<|im_end|>", "(no thought)two<|im_end|>"],
            Enumerable.Range(0, 2).SelectMany(index => Learned(format, rows.Read(index))).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Message_of_weight_zero_is_read_and_not_learned()
    {
        var format = Format(KeepsAll);
        var conversation = new Conversation(
            [.. s_two.Messages.Select(message => message.Text() == "one" ? message with { Weight = 0 } : message)]);

        Assert.Equal(["two<|im_end|>"], Learned(format, new AnswerRows([conversation], format, 500, 1).Read(0)));
    }

    [Fact]
    public void Layout_that_writes_answers_otherwise_than_it_asks_for_them_is_refused_in_a_sentence()
    {
        var format = Format(OpensThought);

        var failure = Assert.Throws<NoosException>(() => new AnswerRows([s_two], format, 500, 1));

        Assert.Equal(ErrorKind.Invalid, failure.Kind);
        Assert.Contains("answers cannot be learnt", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Epoch_has_each_row_once_and_an_order_of_its_own()
    {
        var format = Format(KeepsAll);
        var rows = new AnswerRows(
            Enumerable.Range(0, 20).Select(number => Conversation.From(Message.User("q"), Message.Assistant($"answer {number}"))), format,
            500, 1);
        var first = Enumerable.Range(0, 20).Select(index => Learned(format, rows.Read(index)).Single()).ToArray();
        var second = Enumerable.Range(20, 20).Select(index => Learned(format, rows.Read(index)).Single()).ToArray();

        Assert.Equal(20, first.Distinct().Count());
        Assert.Equal(first.Order(StringComparer.Ordinal), second.Order(StringComparer.Ordinal));
        Assert.NotEqual(first, second);
    }

    /// <summary>The learned spans as text.</summary>
    static List<string> Learned(IChatFormat format, TrainingRow row)
    {
        var spans = new List<List<int>>();
        for (var position = 0; position < row.Length; position++)
        {
            if (!row.Counts(position))
            {
                continue;
            }

            if (position == 0 || !row.Counts(position - 1))
            {
                spans.Add([]);
            }

            spans[^1].Add(row.Tokens[position + 1]);
        }

        return [.. spans.Select(span => format.Tokenizer.DecodeText([.. span]))];
    }

    IChatFormat Format(string template)
    {
        var path = _folder.File("model.gguf");
        RandomModelFile.Write(
            path, RandomModelShape.Known["tiny-llama"] with { EmbeddingLength = 32, BlockCount = 1, VocabularySize = 700 },
            GgufTensorType.F32, template: template);
        using var file = GgufFile.Open(path);
        return ChatFormats.For(file, Tokenizer.FromGguf(file));
    }
}
