/** The table of all ops. The gradient check and the documentation walk it, so a registered op is a tested op. */
import * as arithmetic from './arithmetic.js';
import * as bandExtremes from './band-extremes.js';
import * as banded from './banded.js';
import * as bandedColumns from './banded-columns.js';
import * as batchNorm from './batch-norm.js';
import * as cast from './cast.js';
import * as comparison from './comparison.js';
import * as conv1d from './conv1d.js';
import * as conv2d from './conv2d.js';
import * as crossEntropy from './cross-entropy.js';
import * as fft from './fft.js';
import * as frame from './frame.js';
import * as frameLevels from './frame-levels.js';
import * as functions from './functions.js';
import * as gather from './gather.js';
import * as lstm from './lstm.js';
import * as matmul from './matmul.js';
import * as normalRows from './normal-rows.js';
import * as optimizers from './optimizers.js';
import * as pack from './pack.js';
import * as pool1d from './pool1d.js';
import * as pool2d from './pool2d.js';
import * as reduce from './reduce.js';
import * as softmax from './softmax.js';
import * as sources from './sources.js';
import * as stft from './stft.js';
import * as views from './views.js';

export const ops = {
  add: arithmetic.addOp,
  sub: arithmetic.subOp,
  mul: arithmetic.mulOp,
  div: arithmetic.divOp,
  neg: arithmetic.negOp,
  square: arithmetic.squareOp,
  pow: arithmetic.powOp,
  maximum: arithmetic.maximumOp,
  minimum: arithmetic.minimumOp,
  gt: comparison.gtOp,
  ge: comparison.geOp,
  lt: comparison.ltOp,
  le: comparison.leOp,
  eq: comparison.eqOp,
  where: comparison.whereOp,
  exp: functions.expOp,
  log: functions.logOp,
  sqrt: functions.sqrtOp,
  rsqrt: functions.rsqrtOp,
  abs: functions.absOp,
  sign: functions.signOp,
  floor: functions.floorOp,
  sin: functions.sinOp,
  cos: functions.cosOp,
  tanh: functions.tanhOp,
  sigmoid: functions.sigmoidOp,
  relu: functions.reluOp,
  leakyRelu: functions.leakyReluOp,
  cast: cast.castOp,
  reshape: views.reshapeOp,
  permute: views.permuteOp,
  expand: views.expandOp,
  slice: views.sliceOp,
  pad: views.padOp,
  flip: views.flipOp,
  concat: views.concatOp,
  detach: views.detachOp,
  frame: frame.frameOp,
  frameLevels: frameLevels.frameLevelsOp,
  regroup: frame.regroupOp,
  ungroup: frame.ungroupOp,
  iota: sources.iotaOp,
  uniform: sources.uniformOp,
  normal: sources.normalOp,
  normalRows: normalRows.normalRowsOp,
  sum: reduce.sumOp,
  max: reduce.maxOp,
  min: reduce.minOp,
  argmax: reduce.argmaxOp,
  matmul: matmul.matmulOp,
  banded: banded.bandedOp,
  bandedColumns: bandedColumns.bandedColumnsOp,
  bandExtremes: bandExtremes.bandExtremesOp,
  bandExtremesGrad: bandExtremes.bandExtremesGradOp,
  conv1d: conv1d.conv1dOp,
  conv1dInputGrad: conv1d.conv1dInputGradOp,
  conv1dWeightGrad: conv1d.conv1dWeightGradOp,
  conv2d: conv2d.conv2dOp,
  conv2dInputGrad: conv2d.conv2dInputGradOp,
  conv2dWeightGrad: conv2d.conv2dWeightGradOp,
  maxPool1d: pool1d.maxPool1dOp,
  maxPool1dGrad: pool1d.maxPool1dGradOp,
  avgPool1d: pool1d.avgPool1dOp,
  avgPool1dGrad: pool1d.avgPool1dGradOp,
  maxPool2d: pool2d.maxPool2dOp,
  maxPool2dGrad: pool2d.maxPool2dGradOp,
  avgPool2d: pool2d.avgPool2dOp,
  avgPool2dGrad: pool2d.avgPool2dGradOp,
  batchNormMoments: batchNorm.batchNormMomentsOp,
  batchNormGradSums: batchNorm.batchNormGradSumsOp,
  batchNorm: batchNorm.batchNormOp,
  softmax: softmax.softmaxOp,
  logSoftmax: softmax.logSoftmaxOp,
  crossEntropy: crossEntropy.crossEntropyOp,
  crossEntropyGrad: crossEntropy.crossEntropyGradOp,
  gather: gather.gatherOp,
  gatherGrad: gather.gatherGradOp,
  lstm: lstm.lstmOp,
  lstmGrad: lstm.lstmGradOp,
  fft: fft.fftOp,
  rfft: fft.rfftOp,
  irfft: fft.irfftOp,
  stft: stft.stftOp,
  melSpectrum: stft.melSpectrumOp,
  pack: pack.packOp,
  adam: optimizers.adamOp,
  rmsprop: optimizers.rmspropOp,
  rmspropMomentum: optimizers.rmspropMomentumOp,
  sgd: optimizers.sgdOp,
  sgdMomentum: optimizers.sgdMomentumOp,
} as const;

export type OpName = keyof typeof ops;
