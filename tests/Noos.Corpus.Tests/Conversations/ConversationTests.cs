using Noos.Core;
using Noos.Core.Conversations;
using Noos.Corpus.Conversations;
using Noos.Corpus.Rows;
using Noos.Language.Tokenization;
using Noos.Testing;

namespace Noos.Corpus.Tests.Conversations;

public sealed class ConversationTests : IDisposable
{
    const int RowLength = 129;

    readonly TemporaryFolder _folder = new();
    readonly ChatFormat _format = new(SampleTokenizer.Instance);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("c.jsonl")]
    [InlineData("c.jsonl.zst")]
    public void Written_conversations_are_read_back(string name)
    {
        var conversations = Conversations(500);
        Assert.Equal(500, ConversationFile.Write(_folder.File(name), conversations));
        Assert.Equal(conversations, ConversationFile.Read(_folder.File(name)));
    }

    [Fact]
    public void Bad_line_is_named_after_the_good_ones_before_it()
    {
        var path = _folder.File("c.jsonl");
        ConversationFile.Write(path, Conversations(2));
        File.AppendAllText(path, "\n{\"messages\": 5}\n");
        var read = new List<Conversation>();
        var exception = Assert.Throws<NoosException>(() =>
            read.AddRange(ConversationFile.Read(path).Select((conversation, index) => Count(conversation, index))));
        Assert.StartsWith($"Line 4 of '{path}'", exception.Message, StringComparison.Ordinal);
        Assert.Equal(2, _counted);
    }

    [Fact]
    public void Writing_that_fails_keeps_the_old_file()
    {
        var path = _folder.File("c.jsonl");
        ConversationFile.Write(path, Conversations(2));
        Assert.Throws<InvalidOperationException>(() =>
            ConversationFile.Write(path, Conversations(5)
                .Select((conversation, index) => index < 3 ? conversation : throw new InvalidOperationException())));
        Assert.Equal(2, ConversationFile.Read(path).Count());
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Epoch_holds_every_conversation_once_uncut_with_its_mask()
    {
        var conversations = Conversations(300);
        var rows = new ConversationRows(conversations, _format, RowLength, seed: 5);
        Assert.Equal(300, rows.ConversationCount);
        foreach (var epoch in (int[])[0, 3])
        {
            var found = new List<string>();
            for (var row = epoch * rows.RowsPerEpoch; row < (epoch + 1) * rows.RowsPerEpoch; row++)
            {
                var (tokens, isTarget) = Read(rows, row);
                var text = SampleTokenizer.Instance.DecodeText(tokens);
                found.AddRange(text.Split("<|endoftext|>", StringSplitOptions.RemoveEmptyEntries));
                Assert.Equal(Answers(text), SampleTokenizer.Instance.DecodeText([.. tokens.Where((_, index) => isTarget[index])]));
            }

            Assert.Equal(conversations.Select(Text).Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
        }

        Assert.InRange(rows.PaddedTokensPerEpoch, 0, rows.RowsPerEpoch * RowLength / 5);
    }

    [Fact]
    public void Rows_depend_on_seed_and_number_alone()
    {
        var first = new ConversationRows(Conversations(100), _format, RowLength, seed: 5);
        var second = new ConversationRows(Conversations(100), _format, RowLength, seed: 5);
        var other = new ConversationRows(Conversations(100), _format, RowLength, seed: 6);
        var last = (5 * first.RowsPerEpoch) - 1;
        Assert.Equal(Read(first, last).Tokens, Read(second, last).Tokens);
        Assert.Equal(Read(first, last).IsTarget, Read(second, last).IsTarget);
        Assert.Contains(Enumerable.Range(0, 10), row => !Read(first, row).Tokens.SequenceEqual(Read(other, row).Tokens));
    }

    [Fact]
    public void Conversations_longer_than_a_row_are_left_out_and_counted()
    {
        var tooLong = Conversation.From(Message.User(new string('q', 300)), Message.Assistant("a"));
        var rows = new ConversationRows([tooLong, .. Conversations(4), tooLong], _format, RowLength, seed: 5);
        Assert.Equal((4, 2), (rows.ConversationCount, rows.TooLong));
        Assert.Contains("All 1 conversations",
            Assert.Throws<NoosException>(() => new ConversationRows([tooLong], _format, RowLength, 5)).Message, StringComparison.Ordinal);
        Assert.Throws<NoosException>(() => new ConversationRows([], _format, RowLength, 5));
    }

    int _counted;

    Conversation Count(Conversation conversation, int index)
    {
        _counted = index + 1;
        return conversation;
    }

    static List<Conversation> Conversations(int count) =>
        [.. Enumerable.Range(0, count)
            .Select(index => Conversation.From(Message.User($"q{index}"), Message.Assistant($"answer {new string('a', index % 13)}")))];

    string Text(Conversation conversation)
    {
        var tokens = new List<int>();
        _format.Render(conversation, tokens, []);
        return SampleTokenizer.Instance.DecodeText([.. tokens.Skip(1)]);
    }

    static string Answers(string text)
    {
        var answers = text.Split("<|im_start|>assistant\n")
            .Skip(1)
            .Select(part => part[..(part.IndexOf("<|im_end|>", StringComparison.Ordinal) + "<|im_end|>".Length)]);
        return string.Concat(answers);
    }

    static (int[] Tokens, bool[] IsTarget) Read(ConversationRows rows, long row)
    {
        var tokens = new int[RowLength];
        var isTarget = new bool[RowLength];
        Array.Fill(isTarget, true);
        rows.Read(row, tokens, isTarget);
        return (tokens, isTarget);
    }
}
