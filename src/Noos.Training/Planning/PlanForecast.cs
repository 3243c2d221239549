using Noos.Core;
using Noos.Training.Planning.Machines;
using Noos.Training.Planning.Simulation;

namespace Noos.Training.Planning;

/// <summary>Mean, and the fifth and ninety-fifth percentile of simulated runs.</summary>
public sealed record Spread(double Mean, double Low, double High)
{
    public static Spread Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return new Spread(sorted.Average(), At(0.05), At(0.95));

        double At(double share) => sorted[(int)Math.Round(share * (sorted.Length - 1))];
    }
}

/// <summary>What becomes of a <see cref="PlanRequest"/>.</summary>
public sealed class PlanForecast
{
    PlanForecast(PlanRequest request, IReadOnlyList<LayoutChoice> choices)
    {
        Request = request;
        Choices = choices;
        Steps = Math.Ceiling(request.Tokens / ((double)request.Batch * request.Model.Sequence));
        Runs = [.. Enumerable.Range(0, request.Trials).Select(trial => new RunSimulator(SimulationOptions(trial)).Run())];
        Elapsed = Spread.Of(Runs.Select(run => run.Elapsed));
        Effective = Spread.Of(Runs.Select(run => run.EffectiveTime));
        Interruptions = Spread.Of(Runs.Select(run => (double)run.Incidents.Count));
    }

    public PlanRequest Request { get; }

    /// <summary>The layouts that were compared, the best first.</summary>
    public IReadOnlyList<LayoutChoice> Choices { get; }

    /// <summary>The layout of the plan.</summary>
    public LayoutChoice Choice => Choices[0];

    /// <summary>Updates of the run.</summary>
    public double Steps { get; }

    /// <summary>Simulated runs; the first is the one that is drawn.</summary>
    public IReadOnlyList<SimulatedRun> Runs { get; }

    /// <summary>Whether all simulated runs came to their end within the simulated time.</summary>
    public bool IsFeasible => Runs.All(run => run.IsComplete);

    /// <summary>Time of the run in seconds.</summary>
    public Spread Elapsed { get; }

    /// <summary>Share of the time that goes into the result.</summary>
    public Spread Effective { get; }

    /// <summary>Interruptions of all kinds.</summary>
    public Spread Interruptions { get; }

    /// <summary>Servers that compute.</summary>
    public int Nodes => (Request.Gpus + Request.Gpu.PerNode - 1) / Request.Gpu.PerNode;

    /// <summary>Spare servers.</summary>
    public int Spares => (int)Math.Ceiling(Nodes * Request.Design.SpareShare);

    /// <summary>Tokens of one update.</summary>
    public double BatchTokens => (double)Request.Batch * Request.Model.Sequence;

    /// <summary>FLOPs of the model over the whole run, without recomputation.</summary>
    public double Flops => Request.Model.FlopsPerToken * Request.Tokens;

    /// <summary>FLOP/s of the model per GPU while steps are made.</summary>
    public double FlopsPerGpu => Request.Model.FlopsPerToken * BatchTokens / Choice.Step.Total / Request.Gpus;

    /// <summary>Model FLOPs utilisation while steps are made.</summary>
    public double Mfu => FlopsPerGpu / Request.Gpu.PeakFlops;

    /// <summary>Hours of all GPUs, spares included.</summary>
    public double GpuHours => (Nodes + Spares) * (double)Request.Gpu.PerNode * Elapsed.Mean / 3600;

    /// <summary>Dollars for a GPU and hour.</summary>
    public double Price => Request.Price ?? Request.Gpu.Price;

    /// <summary>Dollars.</summary>
    public double Cost => GpuHours * Price;

    /// <summary>Bytes of a checkpoint: weights of 2 bytes, 12 in the optimizer.</summary>
    public double CheckpointBytes => 14 * Request.Model.ParameterCount;

    /// <summary>Seconds between crashes of the whole run.</summary>
    public double MeanTimeBetweenFailures => RunSimulator.MeanTimeBetweenFailures(Nodes, Request.Rates);

    /// <summary>
    /// Expected loss after all tokens, in nats. Of a mixture of experts the active weights count, which understates it.
    /// </summary>
    public double Loss => Request.Law.Predict(Request.Model.ActiveParameterCount, Request.Tokens);

    /// <summary>Plans a run.</summary>
    /// <exception cref="NoosException">The model does not fit, or the request makes no sense.</exception>
    public static PlanForecast Create(PlanRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Validate();
        if (request.Layout is not { } layout)
        {
            return new PlanForecast(request, LayoutSearch.Find(request.Model, request.Gpu, request.Gpus, request.Batch));
        }

        var micro = StepTime.MicroBatches(layout, request.Batch);
        var step = StepTime.Of(request.Model, request.Gpu, layout, request.Batch);
        var given = new LayoutChoice(layout, step, MemoryEstimate.Of(request.Model, request.Gpu, layout, micro), micro)
        {
            Throughput = (double)request.Batch * request.Model.Sequence / step.Total / request.Gpus,
        };
        return new PlanForecast(request, [given]);
    }

    /// <summary>What trial number so-and-so simulates.</summary>
    SimulationOptions SimulationOptions(int trial) => new()
    {
        Nodes = Nodes,
        StepSeconds = Choice.Step.Total,
        Steps = Steps,
        Replicas = Choice.Layout.Data,
        Rates = Request.Rates,
        Design = Request.Design,
        Seed = Request.Seed + (ulong)trial,
    };
}
