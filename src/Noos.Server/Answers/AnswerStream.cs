using Microsoft.AspNetCore.Http;
using Noos.Core;
using Noos.Kernel.Tracing;
using Noos.Server.OpenAi;

namespace Noos.Server.Answers;

/// <summary>
/// Tells an answer while it comes, in the events of whichever API: the frame of every handler that streams. For one request; not
/// thread-safe.
/// </summary>
/// <param name="http">The request.</param>
/// <param name="answer">What is told.</param>
/// <param name="stream">Where to.</param>
sealed class AnswerStream(HttpContext http, Answer answer, EventStream stream)
{
    /// <summary>Told first, with the name of the model that answers.</summary>
    public required Func<string, Task> Begin { get; init; }

    /// <summary>Told of everything that happens, in order.</summary>
    public required Func<AnswerEvent, Task> Tell { get; init; }

    /// <summary>Told when all has happened.</summary>
    public required Func<Task> End { get; init; }

    /// <summary>Told instead of the end of what fails after its beginning; in OpenAI's shape where nothing else is said.</summary>
    public Func<ApiException, Task>? Fail { get; init; }

    /// <exception cref="NoosException">It fails before anything was sent, so that there still can be a status.</exception>
    public async Task SendAsync()
    {
        await using var enumerator = answer.ReadAsync().GetAsyncEnumerator(http.RequestAborted);
        try
        {
            // The first event decides the status: a question that is too long is still a 400.
            var any = await stream.WaitAsync(enumerator.MoveNextAsync());
            await Begin(any && enumerator.Current.Event is FailoverEvent first ? first.To : answer.Model);
            for (; any; any = await stream.WaitAsync(enumerator.MoveNextAsync()))
            {
                await Tell(enumerator.Current);
            }

            await End();
        }
        catch (NoosException exception) when (http.Response.HasStarted)
        {
            var error = ApiException.From(exception);
            await (Fail is null ? stream.SendAsync(error.Body, WireJson.Default.ApiErrorBody) : Fail(error));
        }
    }
}
