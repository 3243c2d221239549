using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Server.OpenAi;
using Noos.Server.Processes;

namespace Noos.Server.Branches;

/// <summary>
/// The branches of a process, its questions that wait, the model that answers it, and what persons think of its answers. What they take
/// and answer is described in docs/api.md.
/// </summary>
/// <param name="table">The processes; null where the server has no home.</param>
sealed class BranchEndpoints(ProcessTable? table)
{
    const int MaxAnswers = 16;

    /// <summary>Every address with what it serves.</summary>
    public IEnumerable<(string Address, IReadOnlyList<(string Method, RequestDelegate Handler)> Handlers)> All() =>
    [
        ("/api/processes/{id:long}/revise", [(HttpMethods.Post, ReviseAsync)]),
        ("/api/processes/{id:long}/switch", [(HttpMethods.Post, SwitchAsync)]),
        ("/api/processes/{id:long}/continue", [(HttpMethods.Post, ContinueAsync)]),
        ("/api/processes/{id:long}/queue", [(HttpMethods.Post, ChangeQueuedAsync)]),
        ("/api/processes/{id:long}/model", [(HttpMethods.Post, ChooseModelAsync)]),
        ("/api/processes/{id:long}/feedback", [(HttpMethods.Post, JudgeAsync)]),
    ];

    ProcessTable Table => table ?? throw new NoosException(
        ErrorKind.Refused, "This server keeps no processes; start it with a home ('noos up' without --no-journal).");

    async Task ReviseAsync(HttpContext http)
    {
        var id = IdOf(http);
        var (index, text) = await RequestBody.ReadAsync(
            http, root => ((int)Required(root, "message", 0, int.MaxValue), root.String("content")));
        var said = await Table.ReviseAsync(id, index, text is null ? null : Message.User(text), http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status202Accepted;
        await http.Response.WriteAsJsonAsync(new SaidAnswer(said, IsQueued: false, Table.Get(id)), ProcessJson.Default.SaidAnswer);
    }

    async Task SwitchAsync(HttpContext http)
    {
        var id = IdOf(http);
        var at = await RequestBody.ReadAsync(http, root => Required(root, "at", 1, long.MaxValue));
        await Table.SwitchAsync(id, at, http.RequestAborted);
        await AnswerAsync(http, id);
    }

    async Task ContinueAsync(HttpContext http)
    {
        var id = IdOf(http);
        await RequestBody.ReadAsync(http, root => root);
        await Table.ContinueAsync(id, http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status202Accepted;
        await AnswerAsync(http, id);
    }

    async Task ChangeQueuedAsync(HttpContext http)
    {
        var id = IdOf(http);
        var (queued, text) = await RequestBody.ReadAsync(
            http, root => (Required(root, "event", 1, long.MaxValue), root.String("content")));
        await Table.ChangeQueuedAsync(id, queued, text is null ? null : Message.User(text), http.RequestAborted);
        await AnswerAsync(http, id);
    }

    async Task ChooseModelAsync(HttpContext http)
    {
        var id = IdOf(http);
        var model = await RequestBody.ReadAsync(http, root => root.String("model"));
        await Table.ChooseModelAsync(id, model, http.RequestAborted);
        await AnswerAsync(http, id);
    }

    async Task JudgeAsync(HttpContext http)
    {
        var id = IdOf(http);
        var feedback = await RequestBody.ReadAsync(http, root => new FeedbackGiven(
            Required(root, "answer", 1, long.MaxValue), ProcessRequests.Parse<FeedbackVerdict>(root.Word("verdict", "good", "bad")),
            root.String("reason"), root.String("ideal"), Answers(root))
        {
            Ranked = (int?)root.Integer("ranked", 1, MaxAnswers),
        });
        await Table.GiveFeedbackAsync(id, feedback, http.RequestAborted);
        await AnswerAsync(http, id);
    }

    Task AnswerAsync(HttpContext http, long id) => http.Response.WriteAsJsonAsync(Table.Get(id), ProcessJson.Default.ProcessRecord);

    static long Required(RequestFields root, string name, long min, long max) => root.Integer(name, min, max)
        ?? throw ApiException.Invalid(name, $"The field \"{name}\" is missing.");

    static List<long>? Answers(RequestFields root)
    {
        const string Name = "better";
        return root.Find(Name) is not { } list ? null
            : list.ValueKind == JsonValueKind.Array && list.GetArrayLength() is > 1 and <= MaxAnswers
                && list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out _))
                ? [.. list.EnumerateArray().Select(item => item.GetInt64())]
                : throw root.Bad(Name, $"a list of 2 to {MaxAnswers} ids of events, the best first");
    }

    static long IdOf(HttpContext http) =>
        long.Parse((string)http.GetRouteValue("id")!, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
}
