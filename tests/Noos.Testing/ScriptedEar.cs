using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Noos.Testing;

/// <summary>An ear that hears what it is told to, and remembers how much sound it was given.</summary>
/// <param name="texts">What it hears, one after the other; the last again and again.</param>
public sealed class ScriptedEar(params IReadOnlyList<string> texts) : ISpeechToTextClient
{
    int _count;

    /// <summary>How often it was asked.</summary>
    public int Count => _count;

    /// <summary>Bytes of what it was given last.</summary>
    public long Length { get; private set; }

    public async Task<SpeechToTextResponse> GetTextAsync(
        Stream audioSpeechStream, SpeechToTextOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(audioSpeechStream);
        using var content = new MemoryStream();
        await audioSpeechStream.CopyToAsync(content, cancellationToken);
        Length = content.Length;
        return new SpeechToTextResponse(texts[Math.Min(Interlocked.Increment(ref _count), texts.Count) - 1]);
    }

    public async IAsyncEnumerable<SpeechToTextResponseUpdate> GetStreamingTextAsync(
        Stream audioSpeechStream, SpeechToTextOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        yield return new SpeechToTextResponseUpdate((await GetTextAsync(audioSpeechStream, options, cancellationToken)).Text);
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
