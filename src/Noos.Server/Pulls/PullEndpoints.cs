using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Noos.Core;
using Noos.Server.OpenAi;

namespace Noos.Server.Pulls;

/// <summary>
/// <c>/api/pulls</c>: models that are pulled from the hub in the background, for programs that begin a pull, look how far it is, and stop
/// it. <c>POST /api/pull</c> follows the same ones line by line.
/// </summary>
/// <param name="pulls">The downloads.</param>
sealed class PullEndpoints(ModelPulls pulls)
{
    /// <summary>Every address with what it serves.</summary>
    public IEnumerable<(string Address, IReadOnlyList<(string Method, RequestDelegate Handler)> Handlers)> All() =>
    [
        ("/api/pulls", [(HttpMethods.Get, ListAsync), (HttpMethods.Post, BeginAsync)]),
        ("/api/pulls/{**model}", [(HttpMethods.Get, GetAsync), (HttpMethods.Delete, StopAsync)]),
    ];

    Task ListAsync(HttpContext http) =>
        http.Response.WriteAsJsonAsync(new PullList([.. pulls.List().Select(PullEntry.From)]), PullJson.Default.PullList);

    async Task BeginAsync(HttpContext http)
    {
        var name = await RequestBody.ReadAsync(http, root => root.String("model") is { Length: > 0 } given
            ? given
            : throw root.Bad("model", "a model of the hub, such as OWNER/REPO:Q4_K_M"));
        var pull = pulls.Begin(name);
        http.Response.StatusCode = StatusCodes.Status202Accepted;
        await http.Response.WriteAsJsonAsync(PullEntry.From(pull), PullJson.Default.PullEntry);
    }

    Task GetAsync(HttpContext http) => http.Response.WriteAsJsonAsync(PullEntry.From(Find(http)), PullJson.Default.PullEntry);

    /// <summary>Answers when it has stopped; one that is over stays as it is.</summary>
    async Task StopAsync(HttpContext http)
    {
        var pull = Find(http);
        await pull.StopAsync();
        await pull.Work.WaitAsync(http.RequestAborted);
        await http.Response.WriteAsJsonAsync(PullEntry.From(pull), PullJson.Default.PullEntry);
    }

    ModelPull Find(HttpContext http)
    {
        var name = http.GetRouteValue("model") as string ?? "";
        return (name.Length == 0 ? null : pulls.Find(name)) ?? throw new NoosException(
            ErrorKind.NotFound, $"No model '{name}' was pulled since this server started; GET /api/pulls lists those that were.");
    }
}
