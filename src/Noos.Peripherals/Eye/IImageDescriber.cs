using Noos.Core;
using Noos.Media.Images;

namespace Noos.Peripherals.Eye;

/// <summary>A model that says what a picture shows (image captioning, visual question answering). Thread-safe.</summary>
public interface IImageDescriber
{
    string Name { get; }

    /// <summary>Describes a picture, or answers a question about it.</summary>
    /// <param name="pixels">As they are looked at.</param>
    /// <param name="question">What somebody wants to know; null for a description.</param>
    /// <param name="cancellationToken">Stops the looking.</param>
    /// <exception cref="NoosException">The model cannot be reached, refuses, or says nothing.</exception>
    Task<string> DescribeAsync(ImagePixels pixels, string? question, CancellationToken cancellationToken = default);
}
