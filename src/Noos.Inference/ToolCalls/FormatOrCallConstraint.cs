using Noos.Inference.Constraints;

namespace Noos.Inference.ToolCalls;

/// <summary>
/// The answer is either a text of a format or calls of tools; which of the two, the model decides with its first tokens. For one
/// generation; not thread-safe.
/// </summary>
/// <param name="format">The text.</param>
/// <param name="call">Calls; made with <see cref="ToolChoice.Required"/>.</param>
public sealed class FormatOrCallConstraint(ITextConstraint format, ToolCallConstraint call) : ITokenConstraint
{
    bool _mayBeFormat = true;
    bool _mayBeCall = true;

    public bool IsComplete => _mayBeFormat && !_mayBeCall && format.IsComplete;

    public void Mask(Span<float> logits)
    {
        if (!_mayBeCall)
        {
            format.Mask(logits);
            return;
        }

        if (!_mayBeFormat)
        {
            call.Mask(logits);
            return;
        }

        // What either allows, with the model's own scores: the constraint of calls sets that of a forced token.
        float[] ofText = [.. logits];
        float[] ofCall = [.. logits];
        format.Mask(ofText);
        call.Mask(ofCall);
        for (var token = 0; token < logits.Length; token++)
        {
            if (float.IsNegativeInfinity(ofText[token]) && float.IsNegativeInfinity(ofCall[token]))
            {
                logits[token] = float.NegativeInfinity;
            }
        }
    }

    public void Accept(int token)
    {
        var wasBoth = _mayBeFormat && _mayBeCall;
        if (wasBoth)
        {
            _mayBeFormat = format.Allows(token);
            _mayBeCall = call.Allows(token);
        }

        if (_mayBeFormat)
        {
            format.Accept(token);
        }

        if (_mayBeCall)
        {
            call.Accept(token);
        }
    }

    public void Force(List<int> tokens)
    {
        if (!_mayBeCall)
        {
            format.Force(tokens);
        }
        else if (!_mayBeFormat)
        {
            call.Force(tokens);
        }
    }
}
