using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Noos.Core;
using Noos.Cpus.Hub;
using Noos.Cpus.Library;

namespace Noos.Server.Ollama;

/// <summary><c>POST /api/pull</c>: gets a model from the hub into the library, and tells how far it is.</summary>
/// <param name="hub">Where models come from.</param>
/// <param name="endpoint">The address of the hub.</param>
/// <param name="library">Where they go.</param>
sealed class OllamaPulls(ModelHub hub, Uri endpoint, ModelLibrary library)
{
    /// <exception cref="NoosException">There is no such model, or it cannot be got.</exception>
    public async Task PullAsync(HttpContext http, string name, bool isStream)
    {
        var reference = ModelReference.Parse(name, endpoint);
        if (reference.Repository is null)
        {
            // What is asked for from elsewhere chooses no addresses of its own.
            throw new NoosException(
                $"A request may pull from the hub alone, such as OWNER/REPO:Q4_K_M; run 'noos pull {name}' where this server runs.");
        }

        var lines = new LineStream(http);
        var progress = Channel.CreateBounded<DownloadProgress>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });

        // Whoever goes away ends the download; what has come stays for the next attempt.
        var work = RunAsync();
        if (isStream)
        {
            await lines.SendAsync(new PullLine("pulling manifest"), OllamaJson.Default.PullLine);
            await foreach (var step in progress.Reader.ReadAllAsync(CancellationToken.None))
            {
                await lines.SendAsync(
                    new PullLine(step.Note ?? $"pulling {step.File}", step.File, step.Total > 0 ? step.Total : null, step.Done),
                    OllamaJson.Default.PullLine);
            }
        }

        try
        {
            await work;
        }
        catch (NoosException exception) when (http.Response.HasStarted)
        {
            await lines.SendAsync(new OllamaError(exception.Message), OllamaJson.Default.OllamaError);
            return;
        }

        await (isStream
            ? lines.SendAsync(new PullLine("success"), OllamaJson.Default.PullLine)
            : http.Response.WriteAsJsonAsync(new PullLine("success"), OllamaJson.Default.PullLine));

        async Task RunAsync()
        {
            try
            {
                _ = await hub.PullAsync(reference, library.PullFolder, step => progress.Writer.TryWrite(step), http.RequestAborted);
            }
            finally
            {
                progress.Writer.TryComplete();
            }
        }
    }
}
