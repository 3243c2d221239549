using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Noos.Core;
using Noos.Kernel.Timers;
using Noos.Server.Accounts;
using Noos.Server.OpenAi;
using Noos.Server.Processes;

namespace Noos.Server.Timers;

/// <summary><c>/api/timers</c>. What it takes and answers is described in docs/api.md.</summary>
/// <param name="timers">The timers; null where the server has no home, or its host runs none.</param>
sealed class TimerEndpoints(TimerTable? timers)
{
    /// <summary>Every address with what it serves.</summary>
    public IEnumerable<(string Address, IReadOnlyList<(string Method, RequestDelegate Handler)> Handlers)> All() =>
    [
        ("/api/timers", [(HttpMethods.Get, ListAsync), (HttpMethods.Post, AddAsync)]),
        ("/api/timers/{id:long}", [(HttpMethods.Get, GetAsync), (HttpMethods.Delete, RemoveAsync)]),
    ];

    TimerTable Timers => timers ?? throw new NoosException(
        ErrorKind.Refused, "This server keeps no timers; start it with a home ('noos up' without --no-journal).");

    Task ListAsync(HttpContext http)
    {
        var query = new QueryFields(http.Request);
        var (all, owner) = (query.Flag("all"), http.GetVisitor().FilterFor(query.Text("owner")));
        query.RefuseUnknown();
        return http.Response.WriteAsJsonAsync(new TimerList(timers?.List(all, owner) ?? []), TimerJson.Default.TimerList);
    }

    async Task AddAsync(HttpContext http)
    {
        var visitor = http.GetVisitor();
        var start = await RequestBody.ReadAsync(http, root => ReadStart(root, visitor));
        var timer = await Timers.AddAsync(start, http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status201Created;
        await AnswerAsync(http, timer);
    }

    Task GetAsync(HttpContext http)
    {
        new QueryFields(http.Request).RefuseUnknown();
        return AnswerAsync(http, Timers.Get(IdOf(http)));
    }

    async Task RemoveAsync(HttpContext http) => await AnswerAsync(http, await Timers.RemoveAsync(IdOf(http), http.RequestAborted));

    static TimerStart ReadStart(RequestFields root, Visitor visitor)
    {
        var (owner, program) = (ProcessRequests.ReadOwner(root, visitor), ProcessRequests.ReadProgram(root));
        return new TimerStart(owner, program, root.String("message") ?? "")
        {
            Cron = root.String("cron"),
            At = root.String("at"),
            Missed = ProcessRequests.Parse<MissedRuns>(root.Word("missed", "once", "skip")) ?? MissedRuns.Once,
            Title = ProcessRequests.ReadTitle(root),
        };
    }

    static long IdOf(HttpContext http) =>
        long.Parse((string)http.GetRouteValue("id")!, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    static Task AnswerAsync(HttpContext http, TimerRecord timer) =>
        http.Response.WriteAsJsonAsync(timer, TimerJson.Default.TimerRecord);
}
