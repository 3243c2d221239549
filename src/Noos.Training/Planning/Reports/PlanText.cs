using System.Globalization;
using System.Text;
using Noos.Training.Planning.Models;
using Noos.Training.Planning.Published;
using Noos.Training.Planning.Simulation;

namespace Noos.Training.Planning.Reports;

/// <summary>A plan as plain text for a terminal.</summary>
public static class PlanText
{
    /// <summary>The plan in about twenty lines.</summary>
    public static string Summarise(PlanForecast plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var request = plan.Request;
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{request.Model.Name}: {SuffixedNumber.Format(request.Model.ParameterCount)} weights"
            + $"{(request.Model.Experts > 1 ? $", {SuffixedNumber.Format(request.Model.ActiveParameterCount)} active" : "")}, "
            + $"{SuffixedNumber.Format(request.Tokens)} tokens, {plan.Flops:0.00e+0} FLOPs");
        text.AppendLine(CultureInfo.InvariantCulture,
            $"machines     {request.Gpus:N0} {request.Gpu.Name} in {plan.Nodes:N0} servers, {plan.Spares:N0} spare");
        text.AppendLine(CultureInfo.InvariantCulture,
            $"layout       {plan.Choice.Layout}, {plan.Choice.MicroBatches} micro-batches of {plan.Choice.Layout.MicroBatch}, "
            + $"{(plan.Choice.Layout.Recomputation == Machines.Recomputation.Full ? "everything" : "nothing")} recomputed");
        text.AppendLine(CultureInfo.InvariantCulture,
            $"memory       {PlanNumber.Bytes(plan.Choice.Memory.Total)} of {PlanNumber.Bytes(request.Gpu.Memory)} a GPU "
            + $"(weights {PlanNumber.Bytes(plan.Choice.Memory.Weights)}, gradients {PlanNumber.Bytes(plan.Choice.Memory.Gradients)}, "
            + $"optimizer {PlanNumber.Bytes(plan.Choice.Memory.Optimizer)}, "
            + $"activations {PlanNumber.Bytes(plan.Choice.Memory.Activations)})");
        text.AppendLine(CultureInfo.InvariantCulture,
            $"update       {PlanNumber.Duration(plan.Choice.Step.Total)} for {SuffixedNumber.Format(plan.BatchTokens)} tokens, "
            + $"{plan.FlopsPerGpu / 1e12:0} TFLOP/s a GPU ({PlanNumber.Percent(plan.Mfu)} of peak), {plan.Steps:N0} updates");
        text.AppendLine(CultureInfo.InvariantCulture,
            $"failures     a crash every {PlanNumber.Duration(plan.MeanTimeBetweenFailures)}; {plan.Interruptions.Mean:0} "
            + $"interruptions of all kinds");
        text.AppendLine(CultureInfo.InvariantCulture,
            $"checkpoints  every {PlanNumber.Duration(plan.Runs[0].Interval)} (Young "
            + $"{PlanNumber.Duration(CheckpointInterval.Young(request.Design.StallSeconds, plan.MeanTimeBetweenFailures))}, Daly "
            + $"{PlanNumber.Duration(CheckpointInterval.Daly(request.Design.StallSeconds, plan.MeanTimeBetweenFailures))}), "
            + $"{PlanNumber.Bytes(plan.CheckpointBytes)} each");
        text.AppendLine(CultureInfo.InvariantCulture,
            $"recovery     {request.Design.Name}: {request.Design.Summary}");
        text.AppendLine(CultureInfo.InvariantCulture,
            $"effective    {PlanNumber.Percent(plan.Effective.Mean)} of the time ({PlanNumber.Percent(plan.Effective.Low)} to "
            + $"{PlanNumber.Percent(plan.Effective.High)} in {plan.Runs.Count} simulated runs)");
        text.AppendLine(CultureInfo.InvariantCulture,
            $"time         {PlanNumber.Duration(plan.Elapsed.Mean)} ({PlanNumber.Duration(plan.Elapsed.Low)} to "
            + $"{PlanNumber.Duration(plan.Elapsed.High)}){(plan.IsFeasible ? "" : "; some simulated runs never came to their end")}");
        text.AppendLine(CultureInfo.InvariantCulture,
            $"cost         {PlanNumber.Money(plan.Cost)} for {SuffixedNumber.Format(plan.GpuHours)} GPU-hours "
            + $"at ${plan.Price:0.##}");
        text.AppendLine(CultureInfo.InvariantCulture,
            $"loss         {plan.Loss:0.000} nats per token expected ({request.Law.Name})");
        return text.ToString();
    }

    /// <summary>Effective time of all designs at all sizes.</summary>
    public static string Designs(IReadOnlyList<DesignPoint> designs)
    {
        ArgumentNullException.ThrowIfNull(designs);
        var text = new StringBuilder();
        text.Append("effective %  ");
        foreach (var size in DesignComparison.Sizes)
        {
            text.Append(CultureInfo.InvariantCulture, $"{size,8:N0}");
        }

        text.AppendLine();
        foreach (var design in designs.GroupBy(point => point.Design))
        {
            text.Append(CultureInfo.InvariantCulture, $"{design.Key.Name,-13}");
            foreach (var point in design)
            {
                text.Append(CultureInfo.InvariantCulture, $"{point.Effective * 100,8:0.0}");
            }

            text.AppendLine();
        }

        return text.ToString();
    }

    /// <summary>Published runs: what comes out, and what of it is within the bar.</summary>
    public static string Checks(IReadOnlyList<PublishedRun> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        var text = new StringBuilder();
        foreach (var run in runs)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{run.Name}: {run.Summary}");
            foreach (var check in run.Checks)
            {
                text.AppendLine(CultureInfo.InvariantCulture,
                    $"  {check.Quantity,-48} published {check.PublishedText,10}  planner {check.PredictedText,8}  "
                    + $"{check.Error,7:+0.0%;-0.0%}  {(check.Passes ? "within" : "OUTSIDE")} {RunCheck.Tolerance * 100:0}%");
            }

            foreach (var (what, source) in run.Inputs)
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"    goes in: {what} [{source}]");
            }

            if (run.Caveats.Length > 0)
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"    left out: {run.Caveats}");
            }

            text.AppendLine();
        }

        return text.ToString();
    }
}
