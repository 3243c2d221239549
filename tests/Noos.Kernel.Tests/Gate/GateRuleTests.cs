using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Core.Network;
using Noos.Core.Tools;
using Noos.Kernel.Gate;
using Noos.Kernel.Tests.Gate.Attacks;
using Noos.Testing;

namespace Noos.Kernel.Tests.Gate;

public sealed class GateRuleTests
{
    static readonly Effect s_post = Effect.Send("https://example.org/in", "Hello");

    readonly CountingApprover _approver = new();
    readonly Provenance _provenance = new();
    readonly ToolGate _gate;
    Effect[]? _effects = [s_post];
    string? _folder;

    public GateRuleTests() => _gate = new ToolGate(new ToolLimits(), approver: _approver);

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ApprovalScope.Once, 2, 2, 2)]
    [InlineData(ApprovalScope.Conversation, 1, 1, 2)]
    [InlineData(ApprovalScope.Always, 1, 1, 1)]
    public async Task Answer_holds_as_long_as_it_says(ApprovalScope scope, int again, int inSubAgent, int elsewhere)
    {
        foreach (var isGranted in (bool[])[true, false])
        {
            _gate.Permissions.Load([]);
            _approver.Answer = _ => new Approval(isGranted, scope);

            Assert.Equal((1, isGranted), await CallAsync(process: 7, conversation: 7));
            Assert.Equal((again - 1, isGranted), await CallAsync(process: 7, conversation: 7));
            Assert.Equal((inSubAgent - 1, isGranted), await CallAsync(process: 8, conversation: 7));
            Assert.Equal((elsewhere - 1, isGranted), await CallAsync(process: 9, conversation: 9));
            Assert.Equal((1, isGranted), await CallAsync(process: 9, conversation: 9, owner: "another"));
        }
    }

    [Fact]
    public async Task Permission_for_a_capability_ends_where_foreign_content_begins_and_an_exact_one_does_not()
    {
        _approver.Answer = _ => new Approval(IsGranted: true, ApprovalScope.Always);
        Assert.Equal((1, true), await CallAsync());
        _effects = [Effect.Send("https://example.org/other", "Hello")];
        Assert.Equal((0, true), await CallAsync());

        _provenance.Add(Message.Tool(new ToolResultPart("fetch", "A page") { Origin = Origin.Web }));

        Assert.Equal((1, true), await CallAsync());
        Assert.Contains("from the web", _approver.Asked[^1].Sentence, StringComparison.Ordinal);
        Assert.Equal((0, true), await CallAsync());
        _effects = [Effect.Send("https://example.org/other", "Hello!")];
        Assert.Equal((1, true), await CallAsync());
        _effects = [Effect.Send("https://example.org/third", "Hello")];
        Assert.Equal((1, true), await CallAsync());
    }

    [Fact]
    public async Task Never_is_stronger_than_always()
    {
        _approver.Answer = _ => new Approval(IsGranted: true, ApprovalScope.Always);
        await CallAsync();
        _gate.Permissions.Add(_gate.Permissions.All[0] with { IsGranted = false });

        var (asked, isRun) = await CallAsync();

        Assert.Equal((0, false), (asked, isRun));
    }

    [Fact]
    public async Task Revoked_permission_holds_no_more()
    {
        _approver.Answer = _ => new Approval(IsGranted: true, ApprovalScope.Always);
        await CallAsync();
        _gate.Permissions.Load([_gate.Permissions.All[0] with { Revoked = DateTimeOffset.UnixEpoch }]);

        Assert.Equal((1, true), await CallAsync());
    }

    [Fact]
    public async Task Administrator_can_close_a_capability_and_open_another()
    {
        var gate = new ToolGate(new ToolLimits(), approver: _approver, policy: new GatePolicy
        {
            Capabilities = new Dictionary<string, EffectDecision>(StringComparer.Ordinal)
            {
                ["net"] = EffectDecision.Deny,
                ["camera"] = EffectDecision.Allow,
                ["memory"] = EffectDecision.Ask,
            },
        });

        Assert.Equal((0, false), await CallAsync(gate: gate));
        _effects = [Effect.TakePicture()];
        Assert.Equal((0, true), await CallAsync(gate: gate));
        _effects = [Effect.ReadMemory("tea")];
        Assert.Equal((1, false), await CallAsync(gate: gate));
    }

    [Fact]
    public async Task Tool_that_says_nothing_runs_only_if_it_needs_nothing()
    {
        _effects = null;

        Assert.Equal((0, false), await CallAsync());
        var outcome = await _gate.InvokeAsync(
            new ScriptedTool("plain", _ => "ran"), new ToolCallPart("plain", JsonElement.Parse("{}")), new Caller("1"), Token);
        Assert.False(outcome.Result.IsError);
    }

    [Fact]
    public async Task One_question_shows_all_that_a_call_would_do_and_nobody_is_a_refusal()
    {
        _effects = [s_post, Effect.WriteFile("/etc/motd", "Hi"), Effect.Run("python", "1")];
        await CallAsync();

        var asked = Assert.Single(_approver.Asked);
        Assert.Equal([s_post, _effects[1]], asked.Effects.Select(one => one.Effect));
        Assert.Equal("Hello", asked.Effects[0].Effect.Content);
        var nobody = await _gate.InvokeAsync(
            new EffectTool(this), new ToolCallPart("act", JsonElement.Parse("{}")),
            new Caller("1") { Approver = NobodyApprover.Instance }, Token);
        Assert.True(nobody.Result.IsError);
        Assert.Contains("nobody is there to ask", nobody.Result.ToPart(nobody.Call).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.txt", true)]
    [InlineData("sub/../a.txt", true)]
    [InlineData("sub/new/a.txt", true)]
    [InlineData("", false)]
    [InlineData(".", false)]
    [InlineData("..", false)]
    [InlineData("../own/a.txt", true)]
    [InlineData("../own2/a.txt", false)]
    [InlineData("../../a.txt", false)]
    [InlineData("/etc/passwd", false)]
    [InlineData("out/a.txt", false)]
    [InlineData("out", false)]
    [InlineData("back/a.txt", true)]
    [InlineData("circle/a.txt", false)]
    [InlineData("a\0.txt", false)]
    public async Task Own_folder_is_free_and_its_borders_are_real(string path, bool isFree)
    {
        using var disk = new TemporaryFolder();
        _folder = Path.Combine(disk.Path, "own");
        Directory.CreateDirectory(Path.Combine(_folder, "sub"));
        Directory.CreateDirectory(Path.Combine(disk.Path, "own2"));
        File.CreateSymbolicLink(Path.Combine(_folder, "out"), Path.Combine(disk.Path, "own2"));
        File.CreateSymbolicLink(Path.Combine(_folder, "back"), "out/../own/sub");
        File.CreateSymbolicLink(Path.Combine(_folder, "circle"), "circle");
        _provenance.Add(Message.Tool(new ToolResultPart("fetch", "A page") { Origin = Origin.Web }));

        foreach (var effect in (Effect[])[Effect.WriteFile(path, "x"), Effect.ReadFile(path), Effect.DeleteFile(path)])
        {
            _effects = [effect];
            Assert.Equal((isFree ? 0 : 1, isFree), await CallAsync());
        }
    }

    [Theory]
    [InlineData("Look at https://example.org/a?b=c#d.", "https://example.org/a?b=c#d", true)]
    [InlineData("Look at https://example.org/a?b=c#d.", "https://example.org/a?b=c", true)]
    [InlineData("Look at https://example.org/a?b=c#d.", "https://EXAMPLE.org:443/a?b=c", true)]
    [InlineData("Look at https://example.org/a?b=c#d.", "https://example.org/./x/../a?b=c", true)]
    [InlineData("Look at https://example.org/a?b=c#d.", "https://example.org/a?b=c#secret", false)]
    [InlineData("Look at https://example.org/a?b=c#d.", "https://example.org/a?b=cc", false)]
    [InlineData("Look at https://example.org/a?b=c#d.", "https://example.org/a", false)]
    [InlineData("Look at https://example.org/a?b=c#d.", "http://example.org/a?b=c", false)]
    [InlineData("Look at https://example.org/a?b=c#d.", "https://example.org:8443/a?b=c", false)]
    [InlineData("Look at https://example.org/a?b=c#d.", "https://x@example.org/a?b=c", false)]
    [InlineData("(see https://example.org/a_(b))", "https://example.org/a_(b", true)]
    [InlineData("see:https://example.org/a,", "https://example.org/a", true)]
    [InlineData("on example.org, please", "https://example.org", true)]
    [InlineData("on example.org, please", "http://example.org/", true)]
    [InlineData("on example.org, please", "https://example.org/index", false)]
    [InlineData("*www.example.org/a*", "https://www.example.org/a", true)]
    [InlineData("mail me@example.org", "https://example.org", false)]
    [InlineData("Version 1.2 of it.", "https://1.2", false)]
    [InlineData("http", "http://", false)]
    public void Address_is_known_as_a_person_wrote_it_and_not_otherwise(string text, string address, bool isKnown)
    {
        _provenance.Add(Message.User(text));

        Assert.Equal(
            isKnown ? AddressStanding.Given : AddressStanding.Unknown, new Caller("1") { Provenance = _provenance }.StandingOf(address));
    }

    [Fact]
    public void Message_to_a_sub_agent_is_no_word_of_a_person()
    {
        var agent = new Provenance(isRoot: false);
        agent.Add(Message.User("Open https://example.org/secret"));

        Assert.Equal(AddressStanding.Unknown, new Caller("2") { Provenance = agent }.StandingOf("https://example.org/secret"));
    }

    [Fact]
    public void Sub_agent_knows_what_its_ancestors_know_and_is_tainted_with_them()
    {
        var caller = new Caller("2") { Provenance = new Provenance(isRoot: false), Above = () => [_provenance] };
        Assert.Null(caller.Taint);
        _provenance.Add(Message.User("Open https://example.org/a"));
        _provenance.Add(Message.Tool(new ToolResultPart("fetch", "A page") { Origin = Origin.File }));

        Assert.Equal(Origin.File, caller.Taint);
        Assert.Equal(AddressStanding.Given, caller.StandingOf("https://example.org/a"));
    }

    [Theory]
    [InlineData("/same", true)]
    [InlineData("elsewhere", false)]
    public async Task Address_that_was_approved_may_redirect_within_its_site_only(string to, bool isFollowed)
    {
        using var web = new LoopbackWeb();
        web.Respond = request => request.Path == "/made-up?d=secret"
            ? LoopbackResponse.Redirect(to == "elsewhere" ? web.Address("other.test", "/?d=secret") : web.Address("www.example.test", to))
            : new LoopbackResponse("arrived");
        using var egress = new EgressGuard(new EgressOptions { PrivateHosts = [$"*.test:{web.Port}"], Resolve = web.ResolveAsync });
        var gate = new ToolGate(new ToolLimits(), approver: _approver, egress: egress);
        _approver.Answer = _ => Approval.Granted;
        _provenance.Add(Message.Tool(new ToolResultPart("fetch", "A page") { Origin = Origin.Web }));
        var address = web.Address("example.test", "/made-up?d=secret");
        _effects = [Effect.Fetch(address)];

        var outcome = await gate.InvokeAsync(
            new EffectTool(this, async context => await context.Http.GetStringAsync(new Uri(address), Token)),
            new ToolCallPart("act", JsonElement.Parse("{}")), new Caller("1") { Provenance = _provenance }, Token);

        Assert.Equal(!isFollowed, outcome.Result.IsError);
        Assert.Equal(isFollowed ? 2 : 1, web.Requests.Count);
        Assert.Equal(Origin.Web, outcome.Result.Origin);
    }

    [Fact]
    public async Task Arguments_and_calls_are_limited()
    {
        var gate = new ToolGate(new ToolLimits { ArgumentLength = 20 }, approver: _approver);

        var outcome = await gate.InvokeAsync(
            new EffectTool(this), new ToolCallPart("act", JsonElement.Parse($$"""{"a":"{{new string('x', 30)}}"}""")), new Caller("1"),
            Token);

        Assert.Equal("The arguments of act are longer than 20 characters.", outcome.Result.ToPart(outcome.Call).Text);
        Assert.Empty(_approver.Asked);
    }

    [Theory]
    [InlineData(EffectKind.Fetch, "net", Origin.Web)]
    [InlineData(EffectKind.Query, "net", Origin.Web)]
    [InlineData(EffectKind.Send, "net", Origin.Web)]
    [InlineData(EffectKind.Send, "mcp:x", Origin.Service)]
    [InlineData(EffectKind.Query, "mcp:x", Origin.Service)]
    [InlineData(EffectKind.Read, "files.read", Origin.File)]
    [InlineData(EffectKind.Read, "camera", Origin.File)]
    [InlineData(EffectKind.Read, "memory", Origin.Tool)]
    [InlineData(EffectKind.Write, "memory", Origin.Tool)]
    [InlineData(EffectKind.Run, "code", Origin.Tool)]
    public async Task Result_is_labelled_by_its_effects_where_the_tool_does_not(EffectKind kind, string capability, Origin expected)
    {
        _approver.Answer = _ => Approval.Granted;
        _effects = [new Effect(new Capability(capability), kind, "somewhere", "do it")];

        var outcome = await _gate.InvokeAsync(
            new EffectTool(this) { Needs = [new Capability(capability)] }, new ToolCallPart("act", JsonElement.Parse("{}")),
            new Caller("1"), Token);

        Assert.Equal(expected, outcome.Result.Origin);
    }

    [Theory]
    [InlineData(EffectKind.Fetch, 2)]
    [InlineData(EffectKind.Query, 2)]
    [InlineData(EffectKind.Send, 0)]
    [InlineData(EffectKind.Run, 0)]
    [InlineData(EffectKind.Read, 0)]
    public async Task Links_count_where_nobody_in_the_process_can_have_made_them_up(EffectKind kind, int expected)
    {
        _approver.Answer = _ => Approval.Granted;
        _effects = [new Effect(Capability.Network, kind, "https://example.org/", "do it")];
        var tool = new EffectTool(this)
        {
            Links = ["https://example.org/a", "https://example.org/b?c", "nonsense", "ftp://example.org/", "https://evil.example/said"],
        };

        var outcome = await _gate.InvokeAsync(
            tool, new ToolCallPart("act", JsonElement.Parse("""{"words":["say evil.example%2Fsaid"]}""")), new Caller("1"), Token);

        Assert.Equal(expected, outcome.Result.Links.Count);
    }

    async Task<(int Asked, bool IsRun)> CallAsync(
        long process = 7, long conversation = 7, string owner = "me", ToolGate? gate = null)
    {
        var before = _approver.Asked.Count;
        var caller = new Caller("1")
        {
            Process = process,
            Conversation = conversation,
            Owner = owner,
            Provenance = _provenance,
            Folder = _folder,
        };
        var outcome = await (gate ?? _gate).InvokeAsync(
            new EffectTool(this), new ToolCallPart("act", JsonElement.Parse("{}")), caller, Token);
        return (_approver.Asked.Count - before, !outcome.Result.IsError);
    }

    /// <summary>Says that it has the effects of the test, and does nothing, or one thing.</summary>
    sealed class EffectTool(GateRuleTests test, Func<IToolContext, Task<string>>? run = null) : ITool
    {
        public ToolDeclaration Declaration { get; } = new("act", "Acts.", JsonElement.Parse("""{"type":"object"}"""));

        public IReadOnlyList<Capability> Needs { get; init; } =
        [
            Capability.Network, Capability.ReadFiles, Capability.WriteFiles, Capability.RunCode, Capability.Camera, Capability.Memory,
        ];

        public IReadOnlyList<string> Links { get; init; } = [];

        public bool IsRepeatable => true;

        public IReadOnlyList<Effect>? EffectsOf(ToolCallPart call, IToolContext context) => test._effects;

        public async ValueTask<ToolResult> InvokeAsync(ToolCallPart call, IToolContext context, CancellationToken cancellationToken) =>
            ToolResult.Text(run is null ? "done" : await run(context)) with { Links = Links };
    }
}
