using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Core.Network;
using Noos.Core.Tools;
using Noos.Corpus.Documents;
using Noos.Corpus.Encyclopedias;
using Noos.Testing;
using Noos.Tools.Search;

namespace Noos.Tools.Tests.Search;

/// <summary>A search tool, the services that it asks, and a small encyclopedia, all on this machine.</summary>
sealed class SearchWorld : IDisposable
{
    readonly TemporaryFolder _folder = new();
    readonly EgressGuard _egress;
    bool _isStopped;

    public SearchWorld()
    {
        _egress = new EgressGuard(new EgressOptions { Resolve = Web.ResolveAsync, PrivateHosts = [$"*.test:{Web.Port}"] });
        DocumentPack.Write(_folder.File("e.zst"),
        [
            Article("George Washington", "1st President of the United States."),
                Article("John Adams", "2nd President of the United States."),
            Article("red fox", "A fox with reddish fur."),
        ]);
        Options = new SearchOptions
        {
            Sources = [SearchSources.Local],
            IndexPath = _folder.File("index.db"),
            Encyclopedia = new EncyclopediaLocation([_folder.File("e.zst")], _folder.File("cache")),
            WikipediaAddress = new Uri(Web.Address("en.wikipedia.test")),
            SearxngAddress = new Uri(Web.Address("searx.test", "/searxng/")),
            BraveAddress = new Uri(Web.Address("brave.test")),
            BraveKey = "secret-key",
            // Far beyond what an answer from this machine takes.
            Timeout = TimeSpan.FromMinutes(1),
        };
    }

    public LoopbackWeb Web { get; } = new();

    public SearchOptions Options { get; set; }

    /// <summary>Characters that the model has room for.</summary>
    public int? ResultRoom { get; set; }

    public async Task<ToolResult> CallAsync(string query, params string[] sources)
    {
        using var tool = new SearchTool(() => sources.Length > 0 ? Options with { Sources = sources } : Options);
        using var context = new Context(_egress) { ResultRoom = ResultRoom };
        var call = new ToolCallPart(SearchTool.Name,
            JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["query"] = query }));
        return await tool.InvokeAsync(call, context, TestContext.Current.CancellationToken);
    }

    /// <summary>The text that a model reads.</summary>
    public static string Text(ToolResult result) => string.Concat(result.Parts.OfType<TextPart>().Select(part => part.Text));

    public static Citation[] Citations(ToolResult result) =>
        [.. result.Parts.OfType<TextPart>().Select(part => part.Citation).OfType<Citation>()];

    /// <summary>From now on nobody listens.</summary>
    public void StopWeb()
    {
        if (!_isStopped)
        {
            _isStopped = true;
            Web.Dispose();
        }
    }

    public void Dispose()
    {
        _egress.Dispose();
        StopWeb();
        _folder.Dispose();
    }

    static Document Article(string title, string text) =>
        new(new DocumentOrigin("wordnet", $"wordnet:{title}") { Licence = "WordNet" }, text, title);

    sealed class Context(EgressGuard egress) : IToolContext, IDisposable
    {
        public string ProcessId => "1";

        public TimeProvider TimeProvider => TimeProvider.System;

        public HttpClient Http { get; } = egress.CreateClient();

        public string? Folder => null;

        public int? ResultRoom { get; init; }

        public Origin? Taint => null;

        public void Dispose() => Http.Dispose();
    }
}
