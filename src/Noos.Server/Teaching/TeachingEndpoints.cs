using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Noos.Core;
using Noos.Kernel.Processes;
using Noos.Kernel.Teaching;
using Noos.Server.Accounts;
using Noos.Server.OpenAi;
using Noos.Server.Processes;

namespace Noos.Server.Teaching;

/// <summary>
/// <c>/api/teaching</c>: what the visitor taught, whether models may be trained on it, and the files that a training reads. Nobody sees
/// another's, nor agrees for them. What it takes and answers is described in docs/api.md.
/// </summary>
/// <param name="table">The processes; null where the server has no home.</param>
sealed class TeachingEndpoints(ProcessTable? table)
{
    const int MaxPage = 200;

    /// <summary>Every address with what it serves.</summary>
    public IEnumerable<(string Address, IReadOnlyList<(string Method, RequestDelegate Handler)> Handlers)> All() =>
    [
        ("/api/teaching", [(HttpMethods.Get, ListAsync), (HttpMethods.Delete, ForgetAllAsync)]),
        ("/api/teaching/{id:long}", [(HttpMethods.Delete, ForgetAsync)]),
        ("/api/teaching/consent", [(HttpMethods.Put, AgreeAsync)]),
        ("/api/teaching/sft.jsonl", [(HttpMethods.Get, http => ExportAsync(http, TeachingForm.Sft))]),
        ("/api/teaching/pairs.jsonl", [(HttpMethods.Get, http => ExportAsync(http, TeachingForm.Pairs))]),
    ];

    TeachingStore Store => new(table ?? throw new NoosException(
        ErrorKind.Refused, "This server keeps no processes and so nothing that was taught; start it with a home ('noos up' without "
        + "--no-journal)."));

    Task ListAsync(HttpContext http)
    {
        var query = new QueryFields(http.Request);
        var (before, limit) = (query.Integer("before", 1, long.MaxValue), (int)(query.Integer("limit", 1, MaxPage) ?? MaxPage));
        query.RefuseUnknown();
        var (store, owner) = (Store, OwnerOf(http));
        return http.Response.WriteAsJsonAsync(
            new TeachingList(store.ConsentOf(owner), store.Count(owner), [.. store.List(owner, before, limit)]),
            TeachingJson.Default.TeachingList);
    }

    async Task AgreeAsync(HttpContext http)
    {
        const string Name = "agreed";
        var isGiven = await RequestBody.ReadAsync(http, root => root.Flag(Name) ?? throw ApiException.Invalid(
            Name, $"The field \"{Name}\" is missing: true where models may be trained on what you taught."));
        Store.SetConsent(OwnerOf(http), isGiven);
        await http.Response.WriteAsJsonAsync(
            new TeachingConsent(Store.ConsentOf(OwnerOf(http))), TeachingJson.Default.TeachingConsent);
    }

    async Task ForgetAsync(HttpContext http)
    {
        await Store.ForgetAsync(
            OwnerOf(http), long.Parse((string)http.GetRouteValue("id")!, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture),
            http.RequestAborted);
        await http.Response.WriteAsJsonAsync(new TeachingForgotten(1), TeachingJson.Default.TeachingForgotten);
    }

    async Task ForgetAllAsync(HttpContext http) => await http.Response.WriteAsJsonAsync(
        new TeachingForgotten(await Store.ForgetAllAsync(OwnerOf(http), http.RequestAborted)), TeachingJson.Default.TeachingForgotten);

    Task ExportAsync(HttpContext http, TeachingForm form) =>
        TeachingFile.SendAsync(http, Store, OwnerOf(http), form);

    static string OwnerOf(HttpContext http) => http.GetVisitor().Principal.Owner;
}
