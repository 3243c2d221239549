using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Devices;
using Noos.Kernel.Agents;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Server.Accounts;
using Noos.Server.Files;
using Noos.Server.OpenAi;

namespace Noos.Server.Processes;

/// <summary>
/// <c>/api</c>: the processes of the home, and the requests that use the model at the moment. What it takes and answers is described in
/// docs/api.md.
/// </summary>
/// <param name="table">The processes; null where the server has no home and so only requests.</param>
/// <param name="requests">The requests.</param>
/// <param name="assistant">Whose model runs.</param>
/// <param name="timeProvider">The clock of pings.</param>
/// <param name="pingInterval">How often a stream that has nothing to say gives a sign of life.</param>
/// <param name="eye">Reports what pictures show that go with a message; null where they stay unseen.</param>
/// <param name="stopping">Cancelled when the server stops: whoever waits is let go.</param>
sealed class ProcessEndpoints(
    ProcessTable? table, RequestTable requests, Assistant assistant, TimeProvider timeProvider, TimeSpan pingInterval,
    IEye? eye, CancellationToken stopping)
{
    const int UsualPage = 50;
    const int UsualEvents = 1000;
    const int MaxPage = 10_000;
    const int UsualWait = 60;

    /// <summary>Every address with what it serves.</summary>
    public IEnumerable<(string Address, IReadOnlyList<(string Method, RequestDelegate Handler)> Handlers)> All() =>
    [
        ("/api/processes", [(HttpMethods.Get, ListAsync), (HttpMethods.Post, SpawnAsync)]),
        ("/api/processes/{id:long}", [(HttpMethods.Get, GetAsync), (HttpMethods.Patch, ChangeAsync), (HttpMethods.Delete, DeleteAsync)]),
        ("/api/processes/{id:long}/messages", [(HttpMethods.Get, MessagesAsync), (HttpMethods.Post, SayAsync)]),
        ("/api/processes/{id:long}/context", [(HttpMethods.Get, ContextAsync), (HttpMethods.Post, MarkAsync)]),
        ("/api/processes/{id:long}/events", [(HttpMethods.Get, EventsAsync)]),
        ("/api/processes/{id:long}/stop", [(HttpMethods.Post, StopAsync)]),
        ("/api/processes/{id:long}/kill", [(HttpMethods.Post, KillAsync)]),
        ("/api/processes/{id:long}/wait", [(HttpMethods.Get, WaitAsync)]),
        ("/api/processes/{id:long}/fork", [(HttpMethods.Post, ForkAsync)]),
        ("/api/processes/{id:long}/replay", [(HttpMethods.Post, ReplayAsync)]),
        ("/api/search", [(HttpMethods.Get, SearchAsync)]),
        ("/api/memory", [(HttpMethods.Get, MemoryAsync)]),
    ];

    // A server without a home has no processes, and says so to whoever wants one.
    ProcessTable Table => table ?? throw new NoosException(
        ErrorKind.Refused, "This server keeps no processes; start it with a home ('noos up' without --no-journal).");

    async Task ListAsync(HttpContext http)
    {
        var query = new QueryFields(http.Request);
        var limit = (int)(query.Integer("limit", 1, MaxPage) ?? UsualPage);
        var after = query.Text("after") is { } cursor ? ReadCursor(cursor) : ((DateTimeOffset, long)?)null;
        var kind = query.Text("kind");
        var filter = new ProcessFilter
        {
            IncludesEnded = query.Flag("all"),
            Kind = kind is null ? null : Enum.TryParse<ProcessKind>(kind, ignoreCase: true, out var known) ? known
                : throw ApiException.Invalid("kind", "The parameter \"kind\" must be conversation, agent, job, housekeeping, timer or "
                + "request."),
            Owner = http.GetVisitor().FilterFor(query.Text("owner")),
            Program = query.Text("name"),
            Parent = query.Integer("parent", 1, long.MaxValue),
            After = after,
            Limit = limit + 1,
        };
        query.RefuseUnknown();
        var page = table is null || filter.Kind == ProcessKind.Request ? [] : table.List(filter);
        var next = page.Count > limit ? CursorOf(page[limit - 1]) : null;
        ProcessRecord[] underWay = after is not null ? [] : [.. requests.List().Where(request => IsWanted(request, filter))];
        await http.Response.WriteAsJsonAsync(
            new ProcessList([.. underWay, .. page.Take(limit)], next), ProcessJson.Default.ProcessList);
    }

    async Task SpawnAsync(HttpContext http)
    {
        var visitor = http.GetVisitor();
        var (start, message) = await RequestBody.ReadAsync(http, root => ProcessRequests.ReadStart(root, visitor));
        if (start.Parent is { } parent)
        {
            _ = Table.Get(parent, visitor.Principal);
        }

        var process = await Table.SpawnAsync(start, http.RequestAborted);
        if (message is not null)
        {
            try
            {
                await Table.SayAsync(process.Id, message, http.RequestAborted);
            }
            catch (NoosException)
            {
                // Both or neither: nobody has the number of a process that was begun for a message it never got.
                await TryForgetAsync(process.Id);
                throw;
            }
        }

        http.Response.StatusCode = StatusCodes.Status201Created;
        await AnswerAsync(http, Table.Get(process.Id));
    }

    async Task TryForgetAsync(long process)
    {
        try
        {
            await Table.DeleteAsync(process, CancellationToken.None);
        }
        catch (NoosException)
        {
            // The disk is full for this, too.
        }
    }

    Task GetAsync(HttpContext http) => AnswerAsync(http, Find(IdOf(http)));

    async Task ChangeAsync(HttpContext http)
    {
        var id = IdOf(http);
        var (title, priority) = await RequestBody.ReadAsync(
            http, root => (ProcessRequests.ReadTitle(root), ProcessRequests.ReadPriority(root)));
        if (requests.Find(id) is not null)
        {
            var given = priority ?? throw new NoosException("A request has no title of its own; give it a \"priority\".");
            requests.Nice(id, given);
            assistant.Cpu.SetPriority(id, given);
        }
        else
        {
            if (title is not null)
            {
                await Table.RenameAsync(id, title, http.RequestAborted);
            }

            if (priority is { } wanted)
            {
                await Table.NiceAsync(id, wanted, http.RequestAborted);
            }
        }

        await AnswerAsync(http, Find(id));
    }

    async Task DeleteAsync(HttpContext http)
    {
        await Table.DeleteAsync(Journaled(http), http.RequestAborted);
        await http.Response.WriteAsJsonAsync(new DeletedAnswer(IdOf(http)), ProcessJson.Default.DeletedAnswer);
    }

    async Task MessagesAsync(HttpContext http)
    {
        var id = Journaled(http);
        var query = new QueryFields(http.Request);
        var limit = (int)(query.Integer("limit", 0, MaxPage) ?? MaxPage);
        query.RefuseUnknown();
        _ = Table.Get(id);
        var history = Table.ReadHistory(id);
        var first = Math.Max(0, history.Messages.Count - limit);
        await http.Response.WriteAsJsonAsync(
            new MessageList(
                [.. history.Messages.Skip(first)], history.Queue, Table.Partial(id), history.Messages.Count,
                MessageCitations.Find(history.Messages, first)),
            ProcessJson.Default.MessageList);
    }

    Task ContextAsync(HttpContext http) =>
        http.Response.WriteAsJsonAsync(Table.Context(Journaled(http)), ProcessJson.Default.ContextTable);

    async Task MarkAsync(HttpContext http)
    {
        var id = Journaled(http);
        var (page, mark) = await RequestBody.ReadAsync(http, ProcessRequests.ReadMark);
        await http.Response.WriteAsJsonAsync(
            await Table.MarkAsync(id, page, mark, http.RequestAborted), ProcessJson.Default.ContextTable);
    }

    async Task SayAsync(HttpContext http)
    {
        var id = Journaled(http);
        var (message, options) = await RequestBody.ReadAsync(http, ProcessRequests.ReadMessage);
        if (message.Parts.Any(part => part is FilePart))
        {
            var model = Models.FindOrUsual(assistant.Cpu, Table.Get(id).Program.Model);
            message = await new MessageFiles(assistant.Cpu, model, eye).StoreAsync(message, Table.FolderFor(id), http.RequestAborted);
        }

        var (said, isQueued) = await Table.SayAsync(id, message, options, http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status202Accepted;
        await http.Response.WriteAsJsonAsync(new SaidAnswer(said, isQueued, Table.Get(id)), ProcessJson.Default.SaidAnswer);
    }

    async Task EventsAsync(HttpContext http)
    {
        var id = Journaled(http);
        var query = new QueryFields(http.Request);
        var after = query.Integer("after", 0, long.MaxValue) ?? 0;
        var limit = (int)(query.Integer("limit", 1, MaxPage) ?? UsualEvents);
        var last = query.Integer("last", 1, MaxPage);
        var follows = query.Flag("follow")
            || http.Request.Headers.Accept.Any(type => type?.Contains("text/event-stream", StringComparison.OrdinalIgnoreCase) == true);
        query.RefuseUnknown();
        _ = Table.Get(id);
        if (last is { } count && !follows)
        {
            await http.Response.WriteAsJsonAsync(
                new EntryList(Table.LastEvents(id, (int)count), null), ProcessJson.Default.EntryList);
            return;
        }

        if (!follows)
        {
            var page = Table.Events(id, after, limit + 1);
            await http.Response.WriteAsJsonAsync(
                new EntryList([.. page.Take(limit)], page.Count > limit ? page[limit - 1].Id : null), ProcessJson.Default.EntryList);
            return;
        }

        // What a browser sends when a stream was cut off.
        if (long.TryParse(http.Request.Headers["Last-Event-ID"], NumberStyles.None, CultureInfo.InvariantCulture, out var seen))
        {
            after = seen;
        }

        await FollowAsync(http, id, after);
    }

    async Task FollowAsync(HttpContext http, long id, long after)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        using var stream = new EventStream(http, timeProvider, pingInterval);
        await stream.OpenAsync();
        await using var entries = Table.FollowAsync(id, after, stop.Token).GetAsyncEnumerator(stop.Token);
        try
        {
            while (await stream.WaitAsync(entries.MoveNextAsync()))
            {
                // What is not kept has no id from which a client could go on.
                var entry = entries.Current;
                await stream.SendAsync(
                    entry, ProcessJson.Default.JournalEntry,
                    entry.Event is CallPrinted ? null : entry.Id.ToString(CultureInfo.InvariantCulture));
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The stream ends; whoever followed comes back with the last id.
        }
    }

    async Task StopAsync(HttpContext http)
    {
        var id = IdOf(http);
        await RequestBody.ReadAsync(http, root => root);
        if (requests.Find(id) is { } request)
        {
            await requests.KillAsync(id);
            await AnswerAsync(http, request);
            return;
        }

        await Table.StopAsync(id);
        await AnswerAsync(http, Table.Get(id));
    }

    async Task KillAsync(HttpContext http)
    {
        var id = IdOf(http);
        var reason = await RequestBody.ReadAsync(http, root => root.String("reason"));
        if (requests.Find(id) is { } request)
        {
            await requests.KillAsync(id, reason);
            await AnswerAsync(http, request with { State = ProcessState.Killed });
            return;
        }

        await Table.KillAsync(id, reason);
        await AnswerAsync(http, Table.Get(id));
    }

    async Task WaitAsync(HttpContext http)
    {
        var id = IdOf(http);
        var query = new QueryFields(http.Request);
        var seconds = query.Integer("timeout", 0, 3600) ?? UsualWait;
        query.RefuseUnknown();
        var process = Find(id);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        try
        {
            var work = requests.Find(id) is null ? (Task)Table.WaitAsync(id, stop.Token) : requests.WaitAsync(id, stop.Token);
            await work.WaitAsync(TimeSpan.FromSeconds(seconds), timeProvider, stop.Token);
        }
        catch (Exception e) when (e is TimeoutException || (e is OperationCanceledException && stopping.IsCancellationRequested))
        {
            // The state says that it is not over.
        }

        await AnswerAsync(http, process.Kind != ProcessKind.Request ? Table.Get(id)
            : requests.Find(id) ?? process with { State = ProcessState.Done });
    }

    async Task ForkAsync(HttpContext http)
    {
        var id = Journaled(http);
        var (at, title) = await RequestBody.ReadAsync(
            http, root => (root.Integer("at", 1, long.MaxValue), ProcessRequests.ReadTitle(root)));
        var fork = await Table.ForkAsync(id, at, title, http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status201Created;
        await AnswerAsync(http, fork);
    }

    async Task ReplayAsync(HttpContext http)
    {
        var id = Journaled(http);
        await RequestBody.ReadAsync(http, root => root);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        var runs = new List<RunReplay>();
        await foreach (var run in Table.ReplayAsync(id, stop.Token))
        {
            runs.Add(run);
        }

        await http.Response.WriteAsJsonAsync(
            new ReplayAnswer(runs.TrueForAll(run => run.Difference is null), runs), ProcessJson.Default.ReplayAnswer);
    }

    async Task SearchAsync(HttpContext http)
    {
        var query = new QueryFields(http.Request);
        var words = query.Text("q") ?? throw ApiException.Invalid("q", "The parameter \"q\" is missing; it says what to look for.");
        var process = query.Integer("process", 1, long.MaxValue);
        var limit = (int)(query.Integer("limit", 1, MaxPage) ?? UsualPage);
        query.RefuseUnknown();
        await http.Response.WriteAsJsonAsync(
            new PassageList(Table.Search(words, process, limit, http.GetVisitor().FilterFor(named: null))),
            ProcessJson.Default.PassageList);
    }

    Task MemoryAsync(HttpContext http)
    {
        new QueryFields(http.Request).RefuseUnknown();
        var principal = http.GetVisitor().Principal;
        return http.Response.WriteAsJsonAsync(
            new MemoryAnswer(
                assistant.Cpu.Cache, table?.SwapBytes ?? 0,
                [.. (table?.Memory() ?? []).Where(memory => principal.IsAdministrator || principal.MaySee(Find(memory.Process)))]),
            ProcessJson.Default.MemoryAnswer);
    }

    static long IdOf(HttpContext http) =>
        long.Parse((string)http.GetRouteValue("id")!, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    /// <summary>The id of a process that is more than a request.</summary>
    long Journaled(HttpContext http) => IdOf(http) is var id && requests.Find(id) is null
        ? id
        : throw new NoosException(ErrorKind.NotFound, $"Process {id} is a request of the API: it has no history, and can only be killed.");

    ProcessRecord Find(long id) => requests.Find(id) ?? Table.Get(id);

    static bool IsWanted(ProcessRecord request, ProcessFilter filter) => filter.Kind is null or ProcessKind.Request
        && (filter.Owner is null || request.Owner == filter.Owner) && filter is { Program: null, Parent: null };

    static string CursorOf(ProcessRecord last) =>
        string.Create(CultureInfo.InvariantCulture, $"{last.Changed.ToUnixTimeMilliseconds()}-{last.Id}");

    static (DateTimeOffset Changed, long Id) ReadCursor(string text) =>
        text.Split('-') is [var changed, var id]
            && long.TryParse(changed, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            && long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (DateTimeOffset.FromUnixTimeMilliseconds(milliseconds), number)
            : throw ApiException.Invalid("after", "The parameter \"after\" must be what \"next\" of the page before says.");

    static Task AnswerAsync(HttpContext http, ProcessRecord process) =>
        http.Response.WriteAsJsonAsync(process, ProcessJson.Default.ProcessRecord);
}
