const asyncHandler = require('express-async-handler');
const Order = require('../models/orderModel');

const addOrder = asyncHandler(async (req, res) => {
  const items = req.body.items.map(({ product, qty }) => ({ product: String(product), qty: Number(qty) }));
  const order = await Order.create({ items, user: req.user._id });
  res.status(201).json(order);
});

const getMyOrders = asyncHandler(async (req, res) => {
  res.json(await Order.find({ user: req.user._id }));
});

const getOrderById = asyncHandler(async (req, res) => {
  const order = await Order.findOne({ _id: req.params.id, user: req.user._id });
  if (!order) {
    res.status(404);
    throw new Error('Order not found');
  }
  res.json(order);
});

const payOrder = asyncHandler(async (req, res) => {
  const order = await Order.findOneAndUpdate({ _id: req.params.id, user: req.user._id }, { isPaid: true });
  res.json(order);
});

const getOrders = asyncHandler(async (req, res) => {
  res.json(await Order.find({}).populate('user', 'id name'));
});

module.exports = { addOrder, getMyOrders, getOrderById, payOrder, getOrders };
