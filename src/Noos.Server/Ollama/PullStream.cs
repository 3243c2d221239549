using Microsoft.AspNetCore.Http;
using Noos.Core;
using Noos.Server.Pulls;

namespace Noos.Server.Ollama;

/// <summary>
/// <c>POST /api/pull</c>: gets a model from the hub into the library, and tells how far it is. What others pull already is told of, not
/// pulled twice.
/// </summary>
/// <param name="pulls">The downloads.</param>
sealed class PullStream(ModelPulls pulls)
{
    /// <exception cref="NoosException">There is no such model, or it cannot be got.</exception>
    public async Task PullAsync(HttpContext http, string name, bool isStream)
    {
        var lines = new LineStream(http);
        var pull = pulls.Watch(name);
        try
        {
            if (isStream)
            {
                await lines.SendAsync(new PullLine("pulling manifest"), OllamaJson.Default.PullLine);
                await foreach (var status in pull.FollowAsync(http.RequestAborted))
                {
                    if (status.File is { } file)
                    {
                        await lines.SendAsync(
                            new PullLine(status.Note ?? $"pulling {file}", file, status.Total > 0 ? status.Total : null, status.Done),
                            OllamaJson.Default.PullLine);
                    }
                }
            }
            else
            {
                await pull.Work.WaitAsync(http.RequestAborted);
            }
        }
        finally
        {
            // Whoever goes away ends the download, unless others want it; what has come stays for the next attempt.
            await pull.LeaveAsync();
        }

        var failure = pull.Status.State switch
        {
            PullState.Complete => null,
            PullState.Stopped => new NoosException(
                ErrorKind.Busy, $"Somebody stopped the download of {pull.Reference}; pull it again to go on where it was."),
            _ => pull.Failure!,
        };
        if (failure is not null)
        {
            await (isStream
                ? lines.SendAsync(new OllamaError(failure.Message), OllamaJson.Default.OllamaError)
                : throw failure);
            return;
        }

        await (isStream
            ? lines.SendAsync(new PullLine("success"), OllamaJson.Default.PullLine)
            : http.Response.WriteAsJsonAsync(
                new PullLine("success"), OllamaJson.Default.PullLine, cancellationToken: http.RequestAborted));
    }
}
