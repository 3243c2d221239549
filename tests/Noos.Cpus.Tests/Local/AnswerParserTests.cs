using Noos.Core.Conversations;
using Noos.Cpus.Local;
using Noos.Inference;
using Noos.Inference.Sampling;
using Noos.Inference.ToolCalls;
using Noos.Kernel.Cpu;
using Noos.Language.Tokenization;
using Noos.Testing;

namespace Noos.Cpus.Tests.Local;

public sealed class AnswerParserTests : IDisposable
{
    const string Call = "<tool_call>\n{\"name\": \"calculator\", \"arguments\": {\"expression\": \"48*37+5\"}}\n</tool_call>";

    readonly TinyModel _file = new();
    readonly LanguageModel _model;
    readonly Tokenizer _tokenizer;

    public AnswerParserTests()
    {
        _model = LanguageModel.Load(_file.Path);
        _tokenizer = _model.Tokenizer;
    }

    [Theory]
    [InlineData("Let me see.\n" + Call)]
    [InlineData(Call + "\n" + Call)]
    [InlineData("One.\n\nTwo \u00e9\U0001F600\n")]
    public void Answer_that_is_written_again_gives_the_tokens_that_were_generated(string answer)
    {
        var generated = _tokenizer.Encode(answer, parseSpecial: true);
        var question = Conversation.From(Message.User("Hello"));

        var messages = new Conversation([.. question.Messages, Message.Assistant(Join(Parse(generated)))]);
        var prompt = new ChatFormat(_tokenizer).RenderPrompt(question);

        Assert.Equal([.. prompt, .. generated], new ChatFormat(_tokenizer).RenderPrompt(messages).Take(prompt.Length + generated.Length));
    }

    [Fact]
    public void Calls_have_ids_of_their_own_in_every_answer_and_the_same_in_the_same()
    {
        var tokens = _tokenizer.Encode(Call + "\n" + Call, parseSpecial: true);

        var calls = Parse(tokens, 1, 2).Cast<ToolCalled>().ToArray();
        var again = Parse(tokens, 1, 2).Cast<ToolCalled>().ToArray();
        var others = Parse(tokens, 1, 3).Cast<ToolCalled>().ToArray();

        // A client may know calls of a part of the conversation that it no longer sends, so a count would come again.
        Assert.Equal(4, calls.Concat(others).Select(called => called.Call.CallId).Distinct().Count());
        Assert.Equal(calls.Select(called => called.Call.CallId), again.Select(called => called.Call.CallId));
        Assert.All(calls, called => Assert.Matches("^call_[0-9a-f]{24}$", called.Call.CallId));
        Assert.Equal("""{"expression":"48*37+5"}""", calls[0].Call.Arguments.GetRawText().Replace(" ", "", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("One two \u00e9\U0001F600\n" + Call)]
    [InlineData("<think>hm</think>Yes <tool_call>nonsense</tool_call>")]
    public void Events_carry_the_tokens_that_led_to_them_in_order(string answer)
    {
        var tokens = _tokenizer.Encode(answer, parseSpecial: true);

        var told = Parse(tokens).SelectMany(item => item.TokenIds).ToArray();

        Assert.NotEmpty(told);
        Assert.Equal(tokens.Take(told.Length), told);
    }

    [Fact]
    public void Thoughts_are_no_text_and_a_call_that_is_no_json_is_no_call()
    {
        var events = Parse(_tokenizer.Encode("<think>hm</think>Yes <tool_call>nonsense</tool_call>", parseSpecial: true));

        Assert.Equal("hm", string.Concat(events.OfType<ThoughtDelta>().Select(item => item.Text)));
        Assert.Equal("Yes <tool_call>nonsense</tool_call>", string.Concat(events.OfType<TextDelta>().Select(item => item.Text)));
        Assert.DoesNotContain(events, item => item is ToolCalled);
    }

    [Theory]
    [InlineData("Hello \u00e9\U0001F600 there", "Hello \u00e9\U0001F600 there", null)]
    [InlineData("One two three four", "One two ", "three")]
    [InlineData("<think>hidden</think>Shown\n" + Call, "Shown", null)]
    [InlineData("Line\nby\nline\n", "Line\nby\nline\n", null)]
    public void Scores_are_those_of_the_shown_text(string answer, string shown, string? stop)
    {
        var parser = new AnswerParser(
            _tokenizer, ToolCallNotations.Hermes.CreateReader(_tokenizer, []), stop is null ? [] : [stop], prompt: default);
        var events = new List<CpuEvent>();
        foreach (var token in _tokenizer.Encode(answer, parseSpecial: true))
        {
            events.AddRange(parser.Push(token, new TokenScores(new TokenScore(token, -0.5f), [new TokenScore(token, -0.5f)])));
        }

        events.AddRange(parser.Flush());

        var scored = events.OfType<TokensScored>().SelectMany(content => content.Tokens).ToArray();
        Assert.Equal(shown, string.Concat(events.OfType<TextDelta>().Select(content => content.Text)));
        var bytes = scored.SelectMany(token => token.Bytes).ToArray();
        // The last token may reach into what is not shown.
        Assert.StartsWith(shown, System.Text.Encoding.UTF8.GetString(bytes) + "\n", StringComparison.Ordinal);
        Assert.True(scored.Length == 0 || System.Text.Encoding.UTF8.GetByteCount(shown) > bytes.Length - scored[^1].Bytes.Length);
        Assert.All(scored, token => Assert.Equal(token.Bytes, token.Top.Single().Bytes));
    }

    [Fact]
    public void Loop_ends_the_answer_and_is_never_shown()
    {
        var (events, parser) = ParseGuarded("Once upon a time there was there was there was there was there was");

        Assert.True(parser.IsLoop && parser.IsStopped);
        Assert.Equal("Once upon a time there was", string.Concat(events.OfType<TextDelta>().Select(item => item.Text)));
    }

    [Theory]
    [InlineData("<tool_call>\n{\"name\": \"calculator\", \"arguments\": {\"expression\": \"")]
    [InlineData("<think>")]
    [InlineData("")]
    public void Answer_of_which_a_loop_leaves_nothing_says_that_it_does_not_know(string beginning)
    {
        var (events, parser) = ParseGuarded(beginning + new string('*', 500));

        Assert.True(parser.IsLoop);
        Assert.EndsWith(LoopGuard.NoAnswer, string.Concat(events.OfType<TextDelta>().Select(item => item.Text)), StringComparison.Ordinal);
        Assert.True(parser.TokenIds.Count < 300);
    }

    [Theory]
    [InlineData("\u201C", 40)]
    [InlineData("\U0001F468\u200D\U0001F469\u200D\U0001F467 ", 200)]
    [InlineData("\n*", 300)]
    public void Loop_of_signs_shows_nothing_but_that_it_does_not_know(string sign, int count)
    {
        var (events, parser) = ParseGuarded(string.Concat(Enumerable.Repeat(sign, count)));

        Assert.True(parser.IsLoop);
        Assert.Equal(LoopGuard.NoAnswer, string.Concat(events.OfType<TextDelta>().Select(item => item.Text)));
    }

    [Fact]
    public void Answer_of_signs_alone_is_shown_whole()
    {
        var (events, _) = ParseGuarded("*** \u2192 !");

        Assert.Equal("*** \u2192 !", string.Concat(events.OfType<TextDelta>().Select(item => item.Text)));
    }

    [Fact]
    public void Call_with_a_long_list_of_equal_numbers_is_no_loop()
    {
        var numbers = string.Join(", ", Enumerable.Repeat("0", 25));
        var (events, parser) = ParseGuarded($"<tool_call>\n{{\"name\": \"sum\", \"arguments\": {{\"of\": [{numbers}]}}}}\n</tool_call>");

        Assert.False(parser.IsLoop);
        Assert.Equal(25, events.OfType<ToolCalled>().Single().Call.Arguments.GetProperty("of").GetArrayLength());
    }

    public void Dispose()
    {
        _model.Dispose();
        _file.Dispose();
    }

    List<CpuEvent> Parse(int[] tokens, params int[] prompt)
    {
        var parser = new AnswerParser(_tokenizer, ToolCallNotations.Hermes.CreateReader(_tokenizer, []), stops: null, prompt);
        return [.. tokens.SelectMany(token => parser.Push(token)), .. parser.Flush()];
    }

    (List<CpuEvent> Events, AnswerParser Parser) ParseGuarded(string answer)
    {
        var reader = ToolCallNotations.Hermes.CreateReader(_tokenizer, []);
        var parser = new AnswerParser(_tokenizer, reader, stops: null, ReadOnlyMemory<int>.Empty, new LoopGuard(request: null));
        var events = new List<CpuEvent>();
        foreach (var token in _tokenizer.Encode(answer, parseSpecial: true).TakeWhile(_ => !parser.IsStopped))
        {
            events.AddRange(parser.Push(token));
        }

        events.AddRange(parser.Flush());
        return (events, parser);
    }

    static List<Part> Join(List<CpuEvent> events)
    {
        var parts = new List<Part>();
        foreach (var item in events)
        {
            switch (item)
            {
                case TextDelta text when parts.LastOrDefault() is TextPart last:
                    parts[^1] = new TextPart(last.Text + text.Text);
                    break;
                case TextDelta text:
                    parts.Add(new TextPart(text.Text));
                    break;
                case ToolCalled called:
                    parts.Add(called.Call);
                    break;
            }
        }

        return parts;
    }
}
