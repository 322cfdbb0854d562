const mongoose = require('mongoose');

const orderSchema = new mongoose.Schema({
  user: { type: mongoose.Schema.Types.ObjectId, required: true, ref: 'User' },
  items: [{ product: mongoose.Schema.Types.ObjectId, qty: Number }],
  isPaid: { type: Boolean, default: false },
});

module.exports = mongoose.model('Order', orderSchema);
