using System.Text.Json;
using CsCheck;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Schemas;
using Noos.Core.Tools;
using Noos.Testing;
using Noos.Tools.Search;

namespace Noos.Tools.Tests.Search;

/// <summary>The tool as a model calls it, against services that answer as the real ones do.</summary>
public sealed class SearchToolTests : IDisposable
{
    const string All = "local wikipedia searxng brave";

    readonly SearchWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task The_first_result_answers_and_its_citation_leads_to_the_passage()
    {
        var result = await _world.CallAsync("Who was the first president of the United States?");

        Assert.StartsWith("[1] George Washington\n1st President of the United States.\n[2] ", SearchWorld.Text(result));
        Assert.Equal(
            new Citation(1, "George Washington", "wordnet:George Washington")
            {
                Source = "local",
                Passage = 1,
                Start = 0,
                Licence = "WordNet",
            },
            SearchWorld.Citations(result)[0]);
        Assert.Equal((Origin.Tool, false), (result.Origin, result.IsError));
        Assert.Empty(result.Links);
        Assert.Empty(_world.Web.Requests);
    }

    [Theory]
    [InlineData(200, 1)]
    [InlineData(768, 2)]
    [InlineData(100_000, 2)]
    public async Task Model_with_a_small_window_reads_the_best_results_only(int room, int expected)
    {
        _world.ResultRoom = room;

        var result = await _world.CallAsync("president of the United States");

        Assert.Equal(expected, SearchWorld.Citations(result).Length);
        Assert.InRange(SearchWorld.Text(result).Length, 1, room);
    }

    [Fact]
    public async Task Citations_survive_the_way_through_a_file()
    {
        var result = await _world.CallAsync("red fox");
        var part = result.ToPart(new ToolCallPart("search", JsonElement.Parse("{}")));

        var read = ConversationJson.Read(ConversationJson.WriteUtf8(Conversation.From(Message.Tool(part))));

        Assert.Equal(part, Assert.Single(read.Messages[0].Parts));
        Assert.Equal("wordnet:red fox", ((ToolResultPart)read.Messages[0].Parts[0]).Parts.OfType<TextPart>()
            .First(text => text.Citation is not null)
            .Citation!.Address);
    }

    [Fact]
    public async Task Wikipedia_is_asked_for_words_and_answers_in_its_own_order()
    {
        _world.Web.Respond = _ => new LoopbackResponse(Answers.Wikipedia);

        var result = await _world.CallAsync("Who was the first president of the United States?", "wikipedia");

        var request = Assert.Single(_world.Web.Requests);
        Assert.Equal("en.wikipedia.test", request.Host);
        Assert.Contains("gsrsearch=first%20president%20united%20states&", request.Path);
        Assert.Contains("User-Agent: Noos/", request.Raw);
        Assert.Equal(
            """
            [1] President of the United States (https://en.wikipedia.org/wiki/President_of_the_United_States, 2026-11-21)
            The president of the United States is the head of state.
            [2] George Washington (https://en.wikipedia.org/wiki/George_Washington, 2026-11-19)
            George Washington (1732 – 1799) was a Founding Father of the United States. He served as the first president from 1789 to 1797.
            """.ReplaceLineEndings("\n"),
            SearchWorld.Text(result));
        Assert.Equal(Origin.Web, result.Origin);
        Assert.Equal("https://en.wikipedia.org/wiki/President_of_the_United_States", result.Links[0]);
        Assert.Equal("CC BY-SA 4.0", SearchWorld.Citations(result)[1].Licence);
    }

    [Fact]
    public async Task Wikipedia_is_asked_for_any_word_where_no_article_has_all()
    {
        _world.Web.Respond = request => new LoopbackResponse(
            request.Path.Contains("%20OR%20") ? Answers.Wikipedia : Answers.WikipediaEmpty);

        var result = await _world.CallAsync("unheard-of president", "wikipedia");

        Assert.Equal(2, _world.Web.Requests.Count);
        Assert.Equal(2, SearchWorld.Citations(result).Length);
    }

    [Fact]
    public async Task A_long_introduction_is_cut_to_the_sentences_that_fit()
    {
        var article = Answers.Wikipedia.Replace(
            "The president of the United States is the head of state.",
            string.Concat(Enumerable.Repeat("Nothing of interest stands here. ", 60)) + "The salary is 400,000 dollars. "
            + string.Concat(Enumerable.Repeat("More of the same. ", 60)));
        _world.Web.Respond = _ => new LoopbackResponse(article);
        _world.Options = _world.Options with { MaxTextLength = 60 };

        var result = await _world.CallAsync("president salary dollars", "wikipedia");

        var text = result.Parts.OfType<TextPart>().First(part => part.Citation is not null);
        Assert.Contains("The salary is 400,000 dollars.", text.Text);
        Assert.InRange(text.Text.Length, 20, 60);
        using var page = JsonDocument.Parse(article);
        var extract = page.RootElement.GetProperty("query").GetProperty("pages")[1].GetProperty("extract").GetString()!;
        Assert.Equal(text.Text, extract.Substring(text.Citation!.Start!.Value, text.Text.Length));
    }

    [Fact]
    public async Task Searxng_gives_pages_alone_and_no_markup()
    {
        _world.Web.Respond = _ => new LoopbackResponse(Answers.Searxng);

        var result = await _world.CallAsync("red fox?", "searxng");

        Assert.Equal("/searxng/search?q=red%20fox%3F&format=json", Assert.Single(_world.Web.Requests).Path);
        Assert.Equal(
            "[1] Red fox & friends (https://fox.example/red, 2024-03-05)\nThe red fox is the largest of the true foxes.\n"
            + "[2] Dens (https://den.example/)\n",
            SearchWorld.Text(result));
        Assert.Equal(["https://fox.example/red", "https://den.example/"], result.Links);
    }

    [Fact]
    public async Task Brave_gets_the_key_in_a_header_and_nowhere_else()
    {
        _world.Web.Respond = _ => new LoopbackResponse(Answers.Brave);

        var result = await _world.CallAsync("red fox", "brave");

        var request = Assert.Single(_world.Web.Requests);
        Assert.StartsWith("/res/v1/web/search?q=red%20fox&count=4", request.Path);
        Assert.Contains("X-Subscription-Token: secret-key", request.Raw);
        Assert.Equal(
            "[1] Red fox (https://fox.example/red, 2025-01-02)\nThe red fox lives across the northern hemisphere. It weighs up to 14 kg.",
            SearchWorld.Text(result));
    }

    [Fact]
    public async Task Sources_take_turns_and_a_page_comes_once()
    {
        _world.Web.Respond = request => new LoopbackResponse(request.Host.StartsWith("brave") ? Answers.Brave : Answers.Searxng);

        var result = await _world.CallAsync("red fox", "local", "searxng", "brave");

        Assert.Equal(
            ["1 local wordnet:red fox", "2 searxng https://fox.example/red", "3 searxng https://den.example/"],
            SearchWorld.Citations(result).Select(citation => $"{citation.Number} {citation.Source} {citation.Address}"));
        // What this machine knows keeps its own label.
        Assert.Equal(
            [null, Origin.Web, Origin.Web], result.Parts.OfType<TextPart>().Where(part => part.Citation is not null)
                .Select(part => part.Origin));
        Assert.Equal(Origin.Web, result.Origin);
    }

    [Theory]
    [InlineData("wikipedia", 429, "", "Retry-After: 30\r\n", "Wikipedia has been asked too often; try again in 30 seconds.")]
    [InlineData("wikipedia", 429, "", null, "Wikipedia has been asked too often; try again later.")]
    [InlineData("wikipedia", 200, Answers.WikipediaError, null, "Wikipedia has been asked too often; try again later.")]
    [InlineData("wikipedia", 503, "<html>", null, "Wikipedia fails at the moment (HTTP 503).")]
    [InlineData("wikipedia", 200, "<html>captive portal</html>", null, "What Wikipedia answered is no list of results.")]
    [InlineData("wikipedia", 200, "[]", null, "What Wikipedia answered is no list of results.")]
    [InlineData("wikipedia", 200, "{}", null, "What Wikipedia answered is no list of results.")]
    [InlineData("wikipedia", 200, "", null, "What Wikipedia answered is no list of results.")]
    [InlineData("searxng", 403, "", null, "SearXNG does not answer in JSON; add json to search.formats in its settings.yml.")]
    [InlineData("searxng", 200, "{\"results\": 1}", null, "What SearXNG answered is no list of results.")]
    [InlineData("searxng", 429, "Too Many Requests", null, "SearXNG has been asked too often; try again later.")]
    [InlineData("brave", 401, "{}", null, "Brave Search does not take the key; check BRAVE_API_KEY.")]
    [InlineData("brave", 422, "{}", null, "Brave Search does not take the key; check BRAVE_API_KEY.")]
    [InlineData("brave", 429, Answers.BraveLimit, null, "Brave Search has been asked too often; try again later.")]
    [InlineData("brave", 200, Answers.BraveLimit, null, "What Brave Search answered is no list of results.")]
    public async Task A_source_that_fails_is_one_sentence_and_the_others_answer(string source, int status, string body, string? headers,
        string sentence)
    {
        _world.Web.Respond = _ => new LoopbackResponse(body, status, headers);

        var alone = await _world.CallAsync("red fox", source);
        var together = await _world.CallAsync("red fox", "local", source);

        Assert.Equal((true, sentence), (alone.IsError, SearchWorld.Text(alone)));
        Assert.False(together.IsError);
        Assert.Equal($"[1] red fox\nA fox with reddish fur.\n{sentence}", SearchWorld.Text(together));
    }

    [Theory]
    [InlineData("wikipedia", Answers.WikipediaEmpty)]
    [InlineData("searxng", Answers.SearxngEmpty)]
    [InlineData("brave", Answers.BraveEmpty)]
    public async Task No_results_are_no_error(string source, string body)
    {
        _world.Web.Respond = _ => new LoopbackResponse(body);

        var result = await _world.CallAsync("zzz", "local", source);

        Assert.Equal((false, "Nothing was found."), (result.IsError, SearchWorld.Text(result)));
    }

    [Fact]
    public async Task A_source_that_does_not_answer_is_not_waited_for()
    {
        using var release = new ManualResetEventSlim();
        _world.Options = _world.Options with { Timeout = TimeSpan.FromMilliseconds(200) };
        _world.Web.Respond = _ =>
        {
            release.Wait(TimeSpan.FromSeconds(20));
            return new LoopbackResponse(Answers.Wikipedia);
        };

        var result = await _world.CallAsync("red fox", "local", "wikipedia");
        release.Set();

        Assert.Equal("[1] red fox\nA fox with reddish fur.\nWikipedia did not answer within 0.2 seconds.", SearchWorld.Text(result));
    }

    [Fact]
    public async Task A_service_that_cannot_be_reached_is_one_sentence()
    {
        _world.StopWeb();

        Assert.Equal("Wikipedia cannot be reached.", SearchWorld.Text(await _world.CallAsync("red fox", "wikipedia")));
    }

    /// <summary>Real answers with some of their bytes changed: a result or a sentence, never an exception.</summary>
    [Theory]
    [InlineData("wikipedia", Answers.Wikipedia)]
    [InlineData("searxng", Answers.Searxng)]
    [InlineData("brave", Answers.Brave)]
    public async Task Garbage_is_a_result_or_a_sentence(string source, string body)
    {
        var random = new Random(7);
        string[] odd = ["null", "[", "]", "{", "}", "\"", "\\ud800", "1e999", ",", "<", "\u0000", "true", ":"];
        for (var round = 0; round < 60; round++)
        {
            var changed = body;
            for (var i = random.Next(1, 6); i > 0; i--)
            {
                var at = random.Next(changed.Length);
                changed = changed[..at] + odd[random.Next(odd.Length)] + changed[Math.Min(changed.Length, at + random.Next(12))..];
            }

            _world.Web.Respond = _ => new LoopbackResponse(changed);
            var result = await _world.CallAsync("red fox", source);
            Assert.NotEqual("", SearchWorld.Text(result));
        }
    }

    [Fact]
    public void A_call_says_whom_it_will_ask_and_nothing_else()
    {
        using var tool = new SearchTool(() => _world.Options with { Sources = All.Split(' ') });
        var effects = tool.EffectsOf(Call("red fox"), null!);
        using var local = new SearchTool(() => _world.Options);

        Assert.Equal(
            [$"http://en.wikipedia.test:{_world.Web.Port}", $"http://searx.test:{_world.Web.Port}", $"http://brave.test:{_world.Web.Port}"],
            effects.Select(effect => effect.Target));
        Assert.All(effects, effect => Assert.Equal((EffectKind.Query, "red fox"), (effect.Kind, effect.Content)));
        Assert.Empty(local.EffectsOf(Call("red fox"), null!));
        Assert.Throws<ToolException>(() => local.EffectsOf(Call("?!"), null!));
    }

    [Fact]
    public void Sources_that_lack_something_say_what()
    {
        Assert.Contains("BRAVE_API_KEY", Create("brave").Message);
        Assert.Contains("NOOS_SEARXNG", Create("searxng").Message);
        Assert.Contains("local, wikipedia, searxng, brave", Create("altavista").Message);

        static NoosException Create(string source) =>
            Assert.Throws<NoosException>(() => SearchSources.Create(new SearchOptions { Sources = [source] }));
    }

    [Fact]
    public async Task Queries_of_all_kinds_are_answered() => await Gen.String[Gen.Char, 1, 80].SampleAsync(
        async query =>
        {
            try
            {
                Assert.NotEqual("", SearchWorld.Text(await _world.CallAsync(query)));
            }
            catch (ToolException refusal)
            {
                Assert.Equal("There is no word in the query to search for.", refusal.Message);
            }
        },
        iter: 60);

    [Fact]
    public void Declaration_is_small_and_strict()
    {
        using var tool = new SearchTool(() => _world.Options);

        Assert.Null(JsonSchemaValidator.FindFault(tool.Declaration.Parameters, Call("x").Arguments));
        Assert.NotNull(JsonSchemaValidator.FindFault(tool.Declaration.Parameters, Call("").Arguments));
        Assert.NotNull(JsonSchemaValidator.FindFault(tool.Declaration.Parameters, Call(new string('x', 401)).Arguments));
    }

    static ToolCallPart Call(string query) =>
        new(SearchTool.Name, JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["query"] = query }));
}
