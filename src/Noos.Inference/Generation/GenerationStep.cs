using Noos.Inference.Batching;

namespace Noos.Inference.Generation;

/// <summary>What a generation comes to next: tokens that must be computed before it goes on, or a token that was drawn.</summary>
/// <param name="Request">To be computed; null when a token was drawn.</param>
/// <param name="Token">The token, if no request.</param>
readonly record struct GenerationStep(BatchRequest? Request, int Token);
