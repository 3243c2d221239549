using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Noos.Core;
using Noos.Kernel.Gate;
using Noos.Kernel.Processes;
using Noos.Server.Accounts;
using Noos.Server.OpenAi;
using Noos.Server.Processes;

namespace Noos.Server.Permissions;

/// <summary>
/// <c>/api/approvals</c> and <c>/api/permissions</c>: the questions of the gate that wait for a person, and what persons have decided. What
/// they take and answer is described in docs/api.md.
/// </summary>
/// <param name="table">The processes; null where the server has no home: then nothing waits, and nothing is remembered.</param>
sealed class PermissionEndpoints(ProcessTable? table)
{
    /// <summary>Every address with what it serves.</summary>
    public IEnumerable<(string Address, IReadOnlyList<(string Method, RequestDelegate Handler)> Handlers)> All() =>
    [
        ("/api/approvals", [(HttpMethods.Get, WaitingAsync)]),
        ("/api/processes/{id:long}/approvals", [(HttpMethods.Get, WaitingOfProcessAsync), (HttpMethods.Post, DecideAsync)]),
        ("/api/permissions", [(HttpMethods.Get, ListAsync)]),
        ("/api/permissions/{id:long}", [(HttpMethods.Delete, RevokeAsync)]),
    ];

    ProcessTable Table => table ?? throw new NoosException(
        ErrorKind.Refused, "This server keeps no processes and so no permissions; start it with a home ('noos up' without --no-journal).");

    Task WaitingAsync(HttpContext http)
    {
        var query = new QueryFields(http.Request);
        var owner = http.GetVisitor().FilterFor(query.Text("owner"));
        query.RefuseUnknown();
        return AnswerAsync(http, new ApprovalList(table?.Approvals(owner) ?? []));
    }

    Task WaitingOfProcessAsync(HttpContext http)
    {
        var process = Table.Get(IdOf(http));
        new QueryFields(http.Request).RefuseUnknown();
        return AnswerAsync(http, new ApprovalList(Table.Approvals(process: process.Id)));
    }

    async Task DecideAsync(HttpContext http)
    {
        var id = IdOf(http);
        var (approval, callId) = await RequestBody.ReadAsync(http, root => (ReadApproval(root), root.String("call_id")));
        _ = Table.Get(id);
        await Table.DecideAsync(id, approval, callId, http.RequestAborted);
        await http.Response.WriteAsJsonAsync(Table.Get(id), PermissionJson.Default.ProcessRecord);
    }

    Task ListAsync(HttpContext http)
    {
        var query = new QueryFields(http.Request);
        var (owner, isAll) = (http.GetVisitor().FilterFor(query.Text("owner")), query.Flag("all"));
        query.RefuseUnknown();
        return http.Response.WriteAsJsonAsync(
            new PermissionRuleList([.. (table?.Permissions(owner) ?? []).Where(rule => isAll || rule.Revoked is null)]),
            PermissionJson.Default.PermissionRuleList);
    }

    async Task RevokeAsync(HttpContext http)
    {
        var id = IdOf(http);
        await Table.RevokeAsync(id, cancellationToken: http.RequestAborted);
        await http.Response.WriteAsJsonAsync(Table.Permissions().First(rule => rule.Id == id), PermissionJson.Default.PermissionRule);
    }

    static Approval ReadApproval(RequestFields root) => new(
        root.Flag("granted") ?? throw ApiException.Invalid("granted", "The field \"granted\" is missing; say true or false."),
        ProcessRequests.Parse<ApprovalScope>(root.Word("scope", "once", "conversation", "always")) ?? ApprovalScope.Once,
        root.String("reason"));

    static Task AnswerAsync(HttpContext http, ApprovalList list) =>
        http.Response.WriteAsJsonAsync(list, PermissionJson.Default.ApprovalList);

    static long IdOf(HttpContext http) =>
        long.Parse((string)http.GetRouteValue("id")!, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
}
