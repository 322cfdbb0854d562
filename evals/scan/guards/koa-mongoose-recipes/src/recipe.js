const mongoose = require('mongoose');

const schema = new mongoose.Schema({
  title: { type: String, required: true },
  steps: [String],
  owner: { type: mongoose.Schema.Types.ObjectId, ref: 'User', required: true },
  published: { type: Boolean, default: false },
});

module.exports = mongoose.model('Recipe', schema);
