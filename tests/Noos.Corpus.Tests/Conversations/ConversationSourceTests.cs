using System.Text;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Corpus.Conversations;

namespace Noos.Corpus.Tests.Conversations;

public sealed class ConversationSourceTests : IDisposable
{
    static readonly ConversationSourceRegistry s_sources =
        ConversationSourceRegistry.CreateDefault()
            .Add(new ConversationSource("svamp", new WordProblemConverter("calculator", "expression").Convert));

    readonly string _folder = Directory.CreateTempSubdirectory("noos-sources-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("identity", """{"instruction":"Who are you?","output":"I am {{name}}, an AI assistant developed by {{author}}."}""",
        "Who are you?|I am Noos, a small language model developed by the Noos project.")]
    [InlineData("identity", """{"instruction":"Are you ChatGPT?","output":"No, I am {{name}}."}""", null)]
    [InlineData("trivia", """{"question":"Who wrote Emma?","answer":"Jane Austen","options":[]}""", "Who wrote Emma?|Jane Austen.")]
    [InlineData("trivia", """{"question":"Which of these is a fruit?","answer":"Apple"}""", null)]
    [InlineData("webquestions", """{"question":"who was lincoln?","answers":["president","lawyer"]}""",
        "who was lincoln?|President, lawyer.")]
    [InlineData("smalltalk", """{"category":"humor","turns":["Tell me a joke","No.","Other answer"]}""", "Tell me a joke|No.")]
    [InlineData("smalltalk", """{"category":"coding","turns":["sort","|"]}""", null)]
    [InlineData("dolly", """{"prompt":"What’s ice?","response":"Frozen water — cold…"}""", "What's ice?|Frozen water - cold...")]
    [InlineData("dolly", """{"prompt":"Where?","response":"See https://example.net"}""", null)]
    [InlineData("dolly", """{"prompt":"What is 2 + 2?","response":"Four, as 2 + 2 = 4."}""", null)]
    [InlineData("dolly", """{"prompt":"Wie geht es?","response":"Schön und gut, danke."}""", null)]
    [InlineData("persona", """{"dialogue":["User 1: Hello!","User 2: Hi there!","User 1: Who are you?","User 2: I am a teacher."]}""",
        "Hello!|Hi there!")]
    [InlineData("persona", """{"dialogue":["Hello","Hi"]}""", null)]
    [InlineData("stories", """{"kind":"child","prompt":"Tell a tale.","response":"Once there was a cat."}""",
        "Tell a tale.|Once there was a cat.")]
    [InlineData("chat", """{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello!","weight":0}]}""",
        "Hi|Hello!")]
    [InlineData("stories", """{"kind":"python","prompt":"Sort.","response":"Use sorted."}""", null)]
    [InlineData("stories", """{"kind":"child","prompt":"Tell a tale.","response":"I can't create that for you."}""", null)]
    public async Task Source_row_becomes_conversation_or_nothing(string source, string row, string? expected)
    {
        var path = Write(row);
        var conversations = await ReadAsync(source, path);
        if (expected is null)
        {
            Assert.Empty(conversations);
        }
        else
        {
            Assert.Equal(expected, string.Join('|', Assert.Single(conversations).Messages.Select(message => message.Text())));
        }
    }

    [Fact]
    public async Task Source_word_problem_becomes_call_and_answer()
    {
        var path = Write("""{"prompt":"Ann had 23 nuts. How many?","answer":6.0,"equation":"( ( 23.0 - 11.0 ) / 2.0 )"}""");
        var conversation = Assert.Single(await ReadAsync("svamp", path));
        Assert.Equal(
            """{"expression":"(23-11)/2"}""", Assert.IsType<ToolCallPart>(conversation.Messages[1].Parts[0]).Arguments.GetRawText());
        Assert.Equal("6", Assert.IsType<ToolResultPart>(conversation.Messages[2].Parts[0]).Text);
        Assert.Equal("The answer is 6.", conversation.Messages[3].Text());
    }

    [Fact]
    public async Task Source_long_story_is_cut_after_a_paragraph()
    {
        var paragraph = string.Concat(Enumerable.Repeat("The cat sat down. ", 16)).Trim();
        var path = Write($$"""{"kind":"child","prompt":"Tell.","response":"{{string.Join("\\n\\n", Enumerable.Repeat(paragraph, 5))}}"}""");
        var story = Assert.Single(await ReadAsync("stories", path)).Messages[1].Text();
        Assert.Equal(paragraph + "\n\n" + paragraph, story);
    }

    [Fact]
    public void Source_unknown_name_lists_the_known() =>
        Assert.Contains("dolly", Assert.Throws<NoosException>(() => s_sources.Get("nothing")).Message);

    [Fact]
    public async Task Source_damaged_rows_give_conversations_or_a_clear_failure()
    {
        const string Row =
            """{"category":"humor","turns":"""
            + """["a b","c d"],"instruction":"a","output":"b","prompt":"p","response":"r.","question":"q","answers":"""
            + """["a"],"answer":6.0,"equation":"( 8.0 - 2.0 )","dialogue":["User 1: a","User 2: b"],"kind":"child"}""";
        var rows = s_sources.Sources.Select(source => (source, Row));
        var random = new Random(4);
        foreach (var (source, row) in rows)
        {
            for (var round = 0; round < 80; round++)
            {
                var bytes = Encoding.UTF8.GetBytes(row);
                for (var change = random.Next(4); change >= 0; change--)
                {
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(32, 127);
                }

                try
                {
                    Assert.All(await ReadAsync(source.Name, Write(bytes)), conversation => Assert.True(conversation.Messages.Count >= 2));
                }
                catch (NoosException failure)
                {
                    Assert.NotEmpty(failure.Message);
                }
            }
        }
    }

    [Fact]
    public async Task Plan_same_seed_same_file_without_duplicates_or_forbidden()
    {
        var endless = Enumerable.Range(0, int.MaxValue).Select(index => Talk($"question {index % 70}"));
        var set = Enumerable.Range(0, 30).Select(index => Talk($"set {index}")).ToList();
        LessonPlan Plan(int seed) => new LessonPlan(seed, conversation => conversation.Messages[0].Text() == "set 3")
            .AddGenerated("generated", endless.ToAsyncEnumerable(), 50).AddSet("set", set.Concat(set).ToAsyncEnumerable(), passes: 2)
            .AddSet("few", Enumerable.Range(0, 9).Select(index => Talk($"few {index}")).ToAsyncEnumerable(), 4);
        var first = Path.Combine(_folder, "first.jsonl");
        var second = Path.Combine(_folder, "second.jsonl");
        var counts = await Plan(1).WriteAsync(first, TestContext.Current.CancellationToken);
        await Plan(1).WriteAsync(second, TestContext.Current.CancellationToken);
        Assert.Equal(await File.ReadAllBytesAsync(first, TestContext.Current.CancellationToken),
            await File.ReadAllBytesAsync(second, TestContext.Current.CancellationToken));
        Assert.Equal([new("generated", 50, 0, 0), new("set", 58, 29, 2), new("few", 4, 0, 0)], counts);
        var texts = ConversationFile.Read(first).Select(conversation => conversation.Messages[0].Text()).ToList();
        Assert.Equal(112, texts.Count);
        Assert.Equal(83, texts.Distinct().Count());
        Assert.DoesNotContain("set 3", texts);
        await Plan(2).WriteAsync(second, TestContext.Current.CancellationToken);
        Assert.NotEqual(await File.ReadAllBytesAsync(first, TestContext.Current.CancellationToken),
            await File.ReadAllBytesAsync(second, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Plan_course_with_too_few_lessons_says_so()
    {
        var plan = new LessonPlan(1, _ => false).AddGenerated("tiny", Enumerable.Repeat(Talk("hi"), 1_000_000).ToAsyncEnumerable(), 10);
        Assert.Contains(
            "tiny", (await Assert.ThrowsAsync<NoosException>(() => plan.GatherAsync([], TestContext.Current.CancellationToken))).Message);
    }

    [Fact]
    public void Source_from_outside_is_found_and_its_name_is_its_own()
    {
        var registry = ConversationSourceRegistry.CreateDefault().Add(new ConversationSource("mine", _ => (Conversation?)null));
        Assert.Equal("mine", registry.Get("mine").Name);
        Assert.Throws<NoosException>(() => registry.Add(new ConversationSource("dolly", _ => (Conversation?)null)));
    }

    static async Task<List<Conversation>> ReadAsync(string source, string path) =>
        await s_sources.Get(source)
            .ReadAsync(path, TestContext.Current.CancellationToken)
            .ToListAsync(TestContext.Current.CancellationToken);

    static Conversation Talk(string question) => Conversation.From(Message.User(question), Message.Assistant("Yes."));

    string Write(string row) => Write(Encoding.UTF8.GetBytes(row));

    string Write(byte[] row)
    {
        var path = Path.Combine(_folder, "rows.jsonl");
        File.WriteAllBytes(path, row);
        return path;
    }
}
