using System.Net;
using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Core.Network;
using Noos.Kernel.Gate;
using Noos.Testing;
using Noos.Tools.Browse;

namespace Noos.Tools.Tests.Browse;

/// <summary>
/// The real tool behind the real gate and the real way out, and a web on a real socket of this machine. One name of it may be reached; a
/// person is asked for the rest, and says what the test wants.
/// </summary>
sealed class BrowseWorld : IApprover, IDisposable
{
    readonly EgressGuard _egress;
    readonly ToolGate _gate;
    readonly Provenance _provenance = new();
    readonly Dictionary<string, LoopbackResponse> _pages = new(StringComparer.Ordinal);

    public BrowseWorld(BrowseOptions? options = null, TimeProvider? timeProvider = null, Func<string, IPAddress[]>? resolve = null)
    {
        Tool = new OpenPageTool(options);
        _egress = new EgressGuard(new EgressOptions
        {
            // The port is open to all, so that addresses decide.
            Ports = [80, 443, Web.Port],
            PrivateHosts = [$"open.test:{Web.Port}"],
            // This machine answers, if late; addresses that a test makes up do not.
            ConnectTimeout = resolve is null ? TimeSpan.FromMinutes(1) : TimeSpan.FromMilliseconds(100),
            Resolve = (name, token) => resolve is null ? Web.ResolveAsync(name, token) : Task.FromResult(resolve(name)),
        });
        _gate = new ToolGate(new ToolLimits(), approver: this, egress: _egress, timeProvider: timeProvider);
        Web.Respond = request => _pages.GetValueOrDefault(request.Path) ?? new LoopbackResponse("none", 404);
    }

    public LoopbackWeb Web { get; } = new();

    public OpenPageTool Tool { get; }

    /// <summary>What the person says to every question.</summary>
    public bool IsAllowed { get; set; }

    /// <summary>What the person was asked.</summary>
    public List<ApprovalRequest> Asked { get; } = [];

    /// <summary>Puts a page on the web; its address.</summary>
    public string Page(string path, string body, string? type = "text/html; charset=utf-8")
    {
        _pages[path] = new LoopbackResponse(body, Headers: type is null ? null : $"Content-Type: {type}\r\n");
        return Web.Address("open.test", path);
    }

    public string Redirect(string path, string location)
    {
        _pages[path] = LoopbackResponse.Redirect(location);
        return Web.Address("open.test", path);
    }

    /// <summary>The person says something.</summary>
    public void Say(string text) => _provenance.Add(Message.User(text));

    /// <summary>The model calls the tool, and reads what comes back.</summary>
    public async Task<ToolOutcome> OpenAsync(string address, int? page = null, string process = "1")
    {
        var call = new ToolCallPart(OpenPageTool.Name, JsonSerializer.SerializeToElement(
            page is null ? new { address } : (object)new { address, page }));
        var caller = new Caller(process) { Owner = "me", Provenance = _provenance };
        var outcome = await _gate.InvokeAsync(Tool, call, caller, TestContext.Current.CancellationToken);
        _provenance.Add(Message.Tool(outcome.Result.ToPart(call)));
        return outcome;
    }

    public ValueTask<Approval?> AskAsync(ApprovalRequest request, CancellationToken cancellationToken)
    {
        Asked.Add(request);
        return ValueTask.FromResult<Approval?>(IsAllowed ? Approval.Granted : Approval.Refused);
    }

    public void Dispose()
    {
        _egress.Dispose();
        Web.Dispose();
    }
}
