using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Noos.Core;
using Noos.Kernel.Cpu;

namespace Noos.Server.OpenAi;

/// <summary><c>GET /v1/models</c> and <c>/v1/models/NAME</c>: the models that requests may ask for, the usual one first.</summary>
/// <param name="cpu">Runs them.</param>
/// <param name="started">When the server was.</param>
sealed class Models(ICpu cpu, DateTimeOffset started)
{
    public Task ListAsync(HttpContext http) => http.Response.WriteAsJsonAsync(new ModelList([.. All()]), WireJson.Default.ModelList);

    public Task GetAsync(HttpContext http) => http.Response.WriteAsJsonAsync(Find(http), WireJson.Default.ModelEntry);

    /// <summary>The model that an address names.</summary>
    /// <exception cref="ApiException">There is none.</exception>
    public ModelEntry Find(HttpContext http)
    {
        var id = http.GetRouteValue("id") as string ?? "";
        return All().FirstOrDefault(model => model.Id.Equals(id, StringComparison.OrdinalIgnoreCase) || model.Name == id)
            ?? throw new ApiException(
                StatusCodes.Status404NotFound, $"There is no model '{id}' here; GET /v1/models lists those that this server runs.", "model",
                NoosException.ModelNotFound);
    }

    /// <summary>
    /// The model of a name. Programs that insist on a name of their own are answered by the usual one, as the answer says.
    /// </summary>
    public static CpuInfo FindOrUsual(ICpu cpu, string? name)
    {
        try
        {
            return cpu.Describe(name);
        }
        catch (NoosException e) when (e.Kind == ErrorKind.NotFound)
        {
            return cpu.Info;
        }
    }

    /// <summary>All, the usual one first.</summary>
    public IEnumerable<ModelEntry> All() => cpu.List().Select(listing => new ModelEntry(
        listing.Info.Name, started.ToUnixTimeSeconds(), listing.Info.Title == listing.Info.Name ? null : listing.Info.Title,
        listing.Info.MaxTokens)
    {
        IsLoaded = listing.IsOpen,
        IsBase = listing.IsBase ? true : null,
        IsEncoder = listing.Info.IsEncoder ? true : null,
        SizeBytes = listing.Bytes > 0 ? listing.Bytes : null,
        Parent = listing.Parent,
    });
}
