using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Noos.Core;
using Noos.Server.OpenAi;

namespace Noos.Server.Hosting;

/// <summary>One kind of request that makes the model work, timed and traced.</summary>
/// <param name="name">As OpenTelemetry names it: chat, embeddings.</param>
/// <param name="model">The model that works unless another is named (<see cref="Name"/>).</param>
sealed class ModelOperation(string name, string model, TimeProvider time)
{
    const string Cancelled = "cancelled";

    static readonly object s_model = new();

    readonly string _spanName = $"{name} {model}";

    /// <summary>The request is for another model than the usual one.</summary>
    public static void Name(HttpContext http, string model) => http.Items[s_model] = model;

    public RequestDelegate Measure(RequestDelegate next) => async http =>
    {
        using var activity = Telemetry.Source.StartActivity(_spanName);
        var started = time.GetTimestamp();
        var tags = new TagList { { Telemetry.Operation, name }, { Telemetry.RequestModel, model } };
        Telemetry.ActiveRequests.Add(1, tags);
        string? error = null;
        try
        {
            await next(http);
        }
        catch (Exception exception)
        {
            error = ErrorType(exception);
            activity?.SetStatus(ActivityStatusCode.Error, ExceptionTrace.Name(exception));
            throw;
        }
        finally
        {
            Telemetry.ActiveRequests.Add(-1, tags);
            if (error is not null)
            {
                tags.Add(Telemetry.ErrorType, error);
            }

            if (http.Items[s_model] is string other && other != model)
            {
                tags = [.. tags.Where(tag => tag.Key != Telemetry.RequestModel), new(Telemetry.RequestModel, other)];
            }

            foreach (var (key, value) in tags)
            {
                activity?.SetTag(key, value);
            }

            Telemetry.RequestDuration.Record(time.GetElapsedTime(started).TotalSeconds, tags);
        }
    };

    static string ErrorType(Exception exception) => exception switch
    {
        NoosException noos => JsonNamingPolicy.SnakeCaseLower.ConvertName(noos.Kind.ToString()),
        ApiException api => api.Body.Error.Type,
        OperationCanceledException => Cancelled,
        _ => exception.GetType().FullName!,
    };
}
